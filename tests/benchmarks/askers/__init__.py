"""Who answers the questions: the library itself, a graph database in Cypher, a script in networkx.

`make(folder, links)` publishes an account and writes its graph out for the rivals;
`asked(account, name, questions)` starts `python -m tests.benchmarks.askers NAME FOLDER QUESTION …`,
a process for each call; `compare` holds two answers against each other: a fast wrong answer is
no yardstick. Who can be asked is a module `with_NAME.py` with `open_account(account, timeout) ->
dict[str, Ask]`; one whose library is not installed is skipped.
"""
