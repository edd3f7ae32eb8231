"""One run at a time on a GPU, as one writes it in PyTorch: nn.LSTM or nn.GRU (cuDNN), the settings of PyTorch's own tuning guide.

device_pytorch.py ASSIGNMENT, a JSON object (DeviceCase.cs).
"""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

import device
from tied import TiedModel, detached


class Steps:
    def __init__(self, work, values):
        self.values, self.state = values, None
        self.device = torch.device(work["device"])
        self.model = TiedModel(**values).to(self.device)
        start = device.weights(work)
        if start:
            self.model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in start.items()})
        fused = {"fused": True} if self.device.type == "cuda" else {}
        self.optimizer = torch.optim.SGD(self.model.parameters(), values["learningRate"], weight_decay=values["weightDecay"], **fused)
        pinned = self.device.type == "cuda"
        self.windows = (
            [torch.from_numpy(words).pin_memory() if pinned else torch.from_numpy(words) for words in window[:2]] + [window[2]]
            for window in device.windows(work, values)
        )

    def __call__(self):
        inputs, targets, first = next(self.windows)
        inputs, targets = inputs.to(self.device, non_blocking=True), targets.to(self.device, non_blocking=True)
        if first:
            self.state = None
        raw, dropped, logits, state = self.model(inputs, self.state)
        self.state = detached(state)
        loss = cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))
        objective = loss
        if self.values["alpha"]:
            objective = objective + self.values["alpha"] * dropped.pow(2).mean()
        if self.values["beta"]:
            objective = objective + self.values["beta"] * (raw[1:] - raw[:-1]).pow(2).mean()
        self.optimizer.zero_grad(set_to_none=True)
        objective.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.values["clip"])
        self.optimizer.step()
        return loss.detach()


def main():
    work = device.assignment()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = work["tf32"]
    torch.backends.cudnn.benchmark = True
    about = {"pytorch": torch.__version__}
    if work["device"] == "cuda":
        about["cudnn"] = str(torch.backends.cudnn.version())
    device.answer({"about": about})
    for case in work["cases"]:
        device.answer(device.measure(work, Steps(work, case["configuration"]), lambda loss: loss.item()))


main()
