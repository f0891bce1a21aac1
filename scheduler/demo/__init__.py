"""What `parley demo` shows: a small newsroom on loopback, and the score of what was recorded.

- `serving`: HTTP servers on loopback that end without leaving a port or a thread behind.
- `stories`: the articles and the script as data files, and what an event does to an article. Pure.
- `pages`: an outlet's pages, feeds and noise. Pure.
- `newsroom`: the outlets as real servers, what has happened so far, and the receiver of alerts.
- `scoring`: what the product recorded against what happened. Pure.
- `show`: newsroom and daemon together in a temporary folder, and what the terminal shows of it.
"""
