"""Drives the kernel through jupyter_client; prints what it saw as JSON."""
import json
import os
import threading

import jupyter_client

PATIENCE = 180
seen = {}
manager = jupyter_client.KernelManager(kernel_name="artar-csharp")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=PATIENCE)


def run(code, hook=None):
    messages = []

    def keep(message):
        messages.append(message)
        if hook:
            hook(message)

    reply = client.execute_interactive(code, timeout=PATIENCE, output_hook=keep)
    return reply["content"], messages


def value(messages):
    return [m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "execute_result"][0]


_, messages = run("1 + 2")
seen["value"] = value(messages)
seen["states"] = [m["content"]["execution_state"] for m in messages if m["msg_type"] == "status"]
seen["completions"] = client.complete("Console.Wri", reply=True, timeout=PATIENCE)["content"]["matches"]


def interrupt(message):
    if message["msg_type"] == "stream":
        threading.Thread(target=manager.interrupt_kernel).start()


content, _ = run('var text = "kept"; Console.Write("started"); while (true) { }', interrupt)
seen["interrupted"] = content["ename"]
_, messages = run("text")
seen["kept"] = value(messages)

manager.restart_kernel(now=False)
client.wait_for_ready(timeout=PATIENCE)
content, _ = run("text")
seen["after restart"] = content["ename"]

process = manager.provisioner.pid
client.stop_channels()
manager.shutdown_kernel()
seen["left running"] = os.path.exists(f"/proc/{process}")
print(json.dumps(seen))
