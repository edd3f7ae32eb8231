"""Executes a notebook with nbclient: execute.py FROM TO"""
import sys

import nbclient
import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, kernel_name="artar-csharp", timeout=180, startup_timeout=180).execute()
nbformat.write(notebook, sys.argv[2])
