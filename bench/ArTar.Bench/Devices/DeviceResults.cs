namespace ArTar.Bench.Devices;

/// <summary>A case's steps.</summary>
/// <param name="Case">The case.</param>
/// <param name="Seconds">Of a step.</param>
internal sealed record DeviceMeasurement(DeviceCase Case, Spread Seconds)
{
    /// <summary>Windows a second, of all runs together.</summary>
    public double Rate => Case.Runs / Seconds.Median;
}

/// <summary>All that one run of the benchmark measured on a GPU: the JSON file.</summary>
internal sealed record DeviceResults
{
    public required Conditions Conditions { get; init; }

    /// <summary>The card's name; on a processor, the processor's.</summary>
    public required string Card { get; init; }

    /// <summary>Whether products rounded their factors to TF32.</summary>
    public required bool Tf32 { get; init; }

    /// <summary>Tiny sizes: the figures mean nothing.</summary>
    public required bool IsRehearsal { get; init; }

    /// <summary>Floating-point operations a second of a large product in libtorch.</summary>
    public double ProductRate { get; set; }

    /// <summary>Versions by name.</summary>
    public Dictionary<string, string> About { get; init; } = [];

    /// <summary>The largest relative difference of an engine's losses to the plain step's, from the same weights without dropout.</summary>
    public double Disagreement { get; set; }

    public List<DeviceMeasurement> Measurements { get; init; } = [];

    /// <summary>What was measured of a case, the last time where it was measured twice.</summary>
    public DeviceMeasurement? Of(DeviceEngine engine, Configuration configuration, int runs) =>
        Measurements.LastOrDefault(m => m.Case == new DeviceCase(engine, configuration, runs));
}
