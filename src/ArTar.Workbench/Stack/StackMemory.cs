using ArTar.Workbench.Models;

namespace ArTar.Workbench.Stack;

/// <summary>What a stack needs of its device's memory, known before it starts.</summary>
internal static class StackMemory
{
    private const long LogitsAtOnce = 1L << 30;

    /// <summary>How many runs' logits are in memory together: as many as make a gibibyte, at least one.</summary>
    /// <param name="vocabulary">V.</param>
    /// <param name="rows">T*B.</param>
    public static long RunsOfLogits(long vocabulary, long rows) => Math.Max(1, LogitsAtOnce / (sizeof(float) * vocabulary * rows));

    /// <summary>The most bytes that tensors of a stack take at a time.</summary>
    /// <param name="shape">What its runs share.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="runs">R.</param>
    public static long Bytes(StackShape shape, long vocabulary, int runs)
    {
        long rows = (long)shape.BatchSize * shape.Window, h = rows * shape.Hidden;                      // one [T, B, H]
        long gates = shape.Cell switch { Cell.Lstm => 4, Cell.Gru => 3, _ => 1 };
        long kept = shape.Cell switch { Cell.Lstm => 4 + 1, Cell.Gru => 5, _ => 0 };                    // of the cells, for the way back
        var weights = 3 * LanguageModel.CountParameters(shape.Cell, vocabulary, shape.Hidden, shape.Layers); // gradients, best weights
        var layers = shape.Layers * (3 + kept) * h;                                                         // mask, input, states, cells
        var loop = (2 * gates + kept + 3) * h;                                                          // of the layer at work
        var logits = 2 * vocabulary * rows * Math.Min(runs, RunsOfLogits(vocabulary, rows));            // and their logarithms
        return sizeof(float) * (runs * (weights + layers + 6 * h) + Math.Max(runs * loop, logits));
    }

    /// <summary>How many runs fit into so many bytes; 0 where not even one does.</summary>
    /// <param name="shape">What the runs share.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="bytes">The memory that may be used.</param>
    public static int Fit(StackShape shape, long vocabulary, long bytes)
    {
        var runs = 0;
        while (runs < 4096 && Bytes(shape, vocabulary, runs + 1) <= bytes)
            runs++;
        return runs;
    }

    /// <summary>
    /// Whether an exception says that memory ran out. The stack's runs are whole then, at their last step: save them, and go on with half
    /// as many at a time.
    /// </summary>
    public static bool IsExceeded(Exception e) => e is OutOfMemoryException || e is ExternalException
        && (e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            || e.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase));
}
