namespace ArTar.Workbench;

/// <summary>How far a long piece of work has come; whoever shows it works out the time left.</summary>
/// <param name="Activity">What is being done, in a few words: <c>"downloading ptb.train.txt"</c>.</param>
/// <param name="Done">Units done so far.</param>
/// <param name="Total">Units in all; 0 when it is not known.</param>
/// <param name="Unit">The unit: <c>"bytes"</c>, <c>"steps"</c>, <c>"rows"</c>.</param>
public readonly record struct Progress(string Activity, long Done, long Total, string Unit);
