using System.Diagnostics;
using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Tests.Cells;

/// <summary>An engine with what its cells showed.</summary>
internal sealed class Engine : IDisposable
{
    /// <summary>Far more than anything here takes: reached only when something hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly CellEngine engine;
    private int number;

    public Engine(string? folder = null, Formatters? formatters = null) => engine = new(folder ?? Path.GetTempPath(), formatters);

    public List<CellOutput> Outputs { get; } = [];

    public CellEngine Cells => engine;

    public string Printed(string stream = "stdout")
    {
        lock (Outputs)
            return string.Concat(Outputs.OfType<CellOutput.Text>().Where(o => o.Stream == stream).Select(o => o.Content));
    }

    public Task<CellResult> Start(string code) => engine.RunAsync(code, ++number, output =>
    {
        lock (Outputs)
            Outputs.Add(output);
    });

    public CellResult Run(string code)
    {
        var running = Start(code);
        Assert.True(running.Wait(Patience), $"the cell has not ended: {code}");
        return running.Result;
    }

    /// <summary>Runs a cell that must succeed; its value as plain text.</summary>
    public string? Value(string code)
    {
        var result = Run(code);
        Assert.True(result.Error is null, string.Join("\n", result.Error?.Trace ?? []));
        return (string?)result.Value?.Data["text/plain"];
    }

    /// <summary>Runs a cell that must fail.</summary>
    public CellError Error(string code) => Run(code).Error ?? throw new InvalidOperationException($"no error: {code}");

    /// <summary>Starts a cell, waits until it has printed something, interrupts it.</summary>
    public CellResult Interrupt(string code)
    {
        var before = Printed().Length;
        var running = Start(code);
        var watch = Stopwatch.StartNew();
        while (Printed().Length == before && !running.IsCompleted && watch.Elapsed < Patience)
            Thread.Sleep(10);
        engine.Interrupt();
        Assert.True(running.Wait(Patience), $"the cell has not stopped: {code}");
        return running.Result;
    }

    public void Dispose() => engine.Dispose();
}
