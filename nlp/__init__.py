"""Judges texts: does the author talk about bypassing an AI system's safeguards?"""
