using ArTar.Workbench.Training;

namespace ArTar.Workbench.Stack;

/// <summary>A run as it enters a stack.</summary>
/// <param name="Values">Its validated hyper-parameters.</param>
/// <param name="Last">Where it goes on from; null starts anew.</param>
/// <param name="Best">Its best weights so far; needed where <paramref name="Last"/> has finished an epoch.</param>
internal readonly record struct StackStart(HyperParameters Values, Checkpoint? Last = null, Checkpoint? Best = null);
