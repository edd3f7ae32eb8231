namespace ArTar.Bench.Devices;

/// <summary>How many runs of one configuration are trained, and by whom.</summary>
/// <param name="Engine">Who trains them.</param>
/// <param name="Configuration">The model.</param>
/// <param name="Runs">R; 1 for who trains one at a time.</param>
internal sealed record DeviceCase(DeviceEngine Engine, Configuration Configuration, int Runs);

/// <summary>Who trains on a device.</summary>
internal enum DeviceEngine
{
    /// <summary>The library's stack.</summary>
    Stack,

    /// <summary>The library's plain step, one run at a time; on a GPU cuDNN's layers.</summary>
    Plain,

    /// <summary>A PyTorch loop with <c>nn.LSTM</c> or <c>nn.GRU</c>, one run at a time: bench/peers/device_pytorch.py.</summary>
    PyTorch,

    /// <summary>The same step in JAX, with <c>vmap</c> over the runs: bench/peers/device_jax.py.</summary>
    Jax,
}

/// <summary>What a worker is told: to take the steps of some cases, one case after the other.</summary>
/// <param name="Device"><c>cuda</c> or <c>cpu</c>.</param>
/// <param name="Tf32">Whether products may round their factors to TF32.</param>
/// <param name="Seconds">How long each case is measured.</param>
/// <param name="Tokens">The file of token ids.</param>
/// <param name="Cases">The cases, all of one engine, or of the library's two.</param>
/// <param name="Checkpoint">Weights for every run of every case; null draws them.</param>
/// <param name="CheckedSteps">Above 0: take so many steps, and print their losses in place of times.</param>
internal sealed record DeviceAssignment(
    string Device, bool Tf32, double Seconds, string Tokens, IReadOnlyList<DeviceCase> Cases,
    string? Checkpoint = null, int CheckedSteps = 0);

/// <summary>What a case came to.</summary>
/// <param name="Seconds">Of each step, or of the mean step of several that were taken without waiting in between.</param>
/// <param name="Losses">Each step's cross-entropy of the last run, where they are checked.</param>
internal sealed record DeviceAnswer(IReadOnlyList<double> Seconds, IReadOnlyList<double> Losses);

/// <summary>What a worker says before its first case.</summary>
/// <param name="About">Versions by name.</param>
/// <param name="ProductRate">Floating-point operations a second of a large product; null from a worker that does not measure it.</param>
internal sealed record DeviceGreeting(IReadOnlyDictionary<string, string> About, double? ProductRate = null);
