"""`predig up`: a supervisor that holds the database, and its two children, the server and the worker."""
