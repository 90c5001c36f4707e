"""Words that the command line and the browser share: what they say of edits, plans and pushes.

Nothing here knows where it is shown: no colours, no widths, no commands that a terminal alone has.
"""
