"""What is found out about an article, one thing a file; `app.py` puts the steps in order."""
