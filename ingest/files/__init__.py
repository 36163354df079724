"""Opening local files without trusting them: what a file is, where it lies, what rows it holds."""
