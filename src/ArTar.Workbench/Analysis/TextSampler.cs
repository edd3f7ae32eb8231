using ArTar.Workbench.Data;
using ArTar.Workbench.Kernels;
using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Workbench.Analysis;

/// <summary>
/// Draws text from a model word by word: multinomial over its probabilities, with <c>&lt;eos&gt;</c> and <c>&lt;unk&gt;</c> never
/// chosen, as in the paper's appendix.
/// </summary>
public sealed record TextSampler
{
    /// <summary>Words to draw.</summary>
    public int Words { get; init; } = 200;

    /// <summary>Scores are divided by this: 1 draws as the model thinks (the paper's), less is safer, 0 takes the likeliest word.</summary>
    public double Temperature { get; init; } = 1;

    // Beyond these float32 has no number for a score over the temperature: what is colder takes the likeliest word all the same, what is
    // hotter finds all words equally likely.
    private const double Coldest = 1e-6, Hottest = 1e6;

    // With fewer parameters a second thread gains little, and costs much where other programs run (docs/performance.md).
    private const long Large = 20_000_000;

    /// <summary>Seed of the draws; they have a generator of their own.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Words that the model reads first, separated by blanks; when empty it starts after an <c>&lt;eos&gt;</c>.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Draws a text; the same seed, model and machine give the same one.</summary>
    /// <returns>The drawn words, without the prompt.</returns>
    /// <exception cref="WorkbenchException">A value is out of range, or the vocabulary lacks a word of the prompt.</exception>
    public IReadOnlyList<string> Draw(LanguageModel model, Vocabulary vocabulary, CancellationToken cancellation = default)
    {
        if (Words < 1)
            throw new WorkbenchException($"{Words} words were asked for; expected a whole number of at least 1.");
        if (!(Temperature >= 0 && double.IsFinite(Temperature)))
            throw new WorkbenchException(
                FormattableString.Invariant($"The temperature is {Temperature}; expected 0 or a number above 0, such as 1."));
        if (vocabulary.Count != model.Vocabulary)
            throw new WorkbenchException(
                $"The model knows {model.Vocabulary:N0} tokens, the vocabulary has {vocabulary.Count:N0}: they do not belong together.");
        long[] read = [vocabulary.EndOfSentence,
            .. Prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => (long)IdOf(word, vocabulary))];

        using var outer = NewDisposeScope();
        using var noGradient = no_grad();
        using var alone = model.parameters().Sum(p => p.numel()) < Large ? OneThread.Take() : default;
        var device = model.parameters().First().device;
        using var generator = new Generator((ulong)Seed, device);
        var banned = tensor(vocabulary.Unknown is { } unknown ? [vocabulary.EndOfSentence, unknown]
            : new long[] { vocabulary.EndOfSentence }, device: device);
        var wasTraining = model.training;
        model.eval();
        var state = model.InitialState(1);
        try
        {
            var drawn = new List<string>();
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var activations = model.Forward(tensor(read, read.Length, 1, device: device), state);                // [T, 1]
                var last = activations.Dropped[TensorIndex.Slice(-1)];                                               // [1, 1, H]
                var scores = model.Decode(last).view(-1).index_fill_(0, banned, double.NegativeInfinity);            // [V]
                var next = Temperature < Coldest
                    ? scores.argmax().item<long>()
                    : multinomial((scores / Math.Min(Temperature, Hottest)).softmax(0), 1, generator: generator).item<long>();
                state.Dispose();
                state = activations.State.Carry();
                drawn.Add(vocabulary[(int)next]);
                if (drawn.Count == Words)
                    return drawn;
                read = [next];
            }
        }
        finally
        {
            state.Dispose();
            model.train(wasTraining);
        }
    }

    private static int IdOf(string word, Vocabulary vocabulary) => vocabulary.IdOf(word) ?? throw new WorkbenchException(
        $"The vocabulary of {vocabulary.Count:N0} tokens lacks '{word}'{Nearest.Guess(word, vocabulary.Tokens)} Words are separated by "
            + "blanks and written as in the data.");
}
