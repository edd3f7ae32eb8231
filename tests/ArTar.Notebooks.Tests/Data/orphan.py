"""Starts a kernel and dies without a word; prints the kernel's process id."""
import os
import sys

import jupyter_client

manager = jupyter_client.KernelManager(kernel_name="artar-csharp")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=180)
print(manager.provisioner.pid)
sys.stdout.flush()
os._exit(0)
