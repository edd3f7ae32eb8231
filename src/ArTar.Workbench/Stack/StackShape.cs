using ArTar.Workbench.Models;
using ArTar.Workbench.Training;

namespace ArTar.Workbench.Stack;

/// <summary>
/// What the runs of one stack share: the shapes of all tensors and the order of the text. In all else they may differ, but for techniques
/// of others: a stack's loops do not know them, so such a run has a shape of its own and is trained alone.
/// </summary>
internal readonly record struct StackShape(
    string DataHash, int TrainTokens, int BatchSize, int Window, int EvaluationBatchSize, Cell Cell, int Hidden, int Layers,
    string Alone = "")
{
    /// <summary>The shape of a run.</summary>
    /// <param name="dataHash">Content hash of its data set.</param>
    /// <param name="values">Its hyper-parameters.</param>
    public static StackShape Of(string dataHash, HyperParameters values) => new(
        dataHash, values.TrainTokens, values.BatchSize, values.Window, values.EvaluationBatchSize,
        values.Cell, values.Hidden, values.Layers, values.Techniques.IsNone ? "" : values.ToString());

    /// <summary>Puts runs together that may be trained as one stack, in stacks of even sizes; the order is kept within a shape.</summary>
    /// <param name="runs">Any runs.</param>
    /// <param name="shape">The shape of a run.</param>
    /// <param name="most">The most runs of a shape that may be together, at least 1.</param>
    public static IReadOnlyList<T[]> Group<T>(IEnumerable<T> runs, Func<T, StackShape> shape, Func<StackShape, int> most) =>
        [.. runs.GroupBy(shape).SelectMany(group =>
        {
            T[] all = [.. group];
            var stacks = Math.DivRem(all.Length - 1, Math.Max(1, most(group.Key))).Quotient + 1;
            return all.Chunk(Math.DivRem(all.Length - 1, stacks).Quotient + 1);
        })];
}
