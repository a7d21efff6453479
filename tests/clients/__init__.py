"""The functions that people give bytes to, tried with a view: what works, what is refused, what costs a copy.

Each family of libraries is a module with a tuple `CLIENTS` of `Client` records; `families.py` lists them.
`cells.py` tries one client in one way, `cost.py` measures memory, `page.py` writes `docs/clients.md`,
`test_clients.py` checks all of it.
"""
