"""The talk of the demo forum, written by hand, with a known answer for each post. Every name in it is invented."""
