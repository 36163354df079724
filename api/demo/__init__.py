"""The demo: what a gas utility, a construction firm and a task force see, from files to maps, in one command."""
