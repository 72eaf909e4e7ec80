"""Pure types and rules: values in, values out, `now` passed in."""
