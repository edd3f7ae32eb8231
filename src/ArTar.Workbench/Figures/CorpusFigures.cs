using ArTar.Workbench.Data;
using Plotly.NET;

namespace ArTar.Workbench.Figures;

/// <summary>Draws a corpus: how often its words come, and how it is cut into windows.</summary>
public static class CorpusFigures
{
    private const int Points = 250, LongestWord = 9;

    /// <summary>
    /// Frequency of every word of the training split over its rank, on two logarithmic axes (Zipf's law is a straight line).
    /// </summary>
    public static GenericChart Zipf(Corpus corpus)
    {
        var counts = new long[corpus.Vocabulary.Count];
        foreach (var id in corpus.Train.Span)
            counts[id]++;
        var ranked = counts.Select((count, id) => (Count: count, Id: id)).Where(c => c.Count > 0).OrderByDescending(c => c.Count).ToList();
        // Evenly spread ranks on a logarithmic axis: thousands of points would lie on one another.
        var ranks = Enumerable.Range(0, Points).Select(i => (int)Math.Round(Math.Pow(ranked.Count, i / (Points - 1.0)))).Distinct()
            .Where(r => r >= 1 && r <= ranked.Count).ToList();
        var special = ranked.Index().Where(r => r.Item.Id == corpus.Vocabulary.EndOfSentence || r.Item.Id == corpus.Vocabulary.Unknown)
            .ToList();
        object[] traces =
        [
            new
            {
                type = "scatter", mode = "lines", name = "1 / rank", line = new { color = Plot.Given, dash = "dash" },
                x = new[] { 1, ranked.Count }, y = new[] { ranked[0].Count, ranked[0].Count / (double)ranked.Count },
            },
            new
            {
                type = "scatter", mode = "markers", name = "words", marker = new { color = Plot.Palette[0], size = 5 },
                x = ranks, y = ranks.Select(r => ranked[r - 1].Count).ToArray(),
                text = ranks.Select(r => Plot.Plain(corpus.Vocabulary[ranked[r - 1].Id])).ToArray(),
                hovertemplate = "%{text}: %{y} times, rank %{x}<extra></extra>",
            },
            new
            {
                type = "scatter", mode = "markers+text", name = "no words: end of line, unknown", textposition = "top right",
                marker = new { color = Plot.Palette[3], symbol = "diamond", size = 10 },
                x = special.Select(s => s.Index + 1).ToArray(), y = special.Select(s => s.Item.Count).ToArray(),
                text = special.Select(s => Plot.Plain(corpus.Vocabulary[s.Item.Id])).ToArray(),
            },
        ];
        return Plot.Of("How often the words come",
            FormattableString.Invariant($"{corpus.Title}, training split: {corpus.Train.Length:N0} tokens, {ranked.Count:N0} different"),
            "rank, the most frequent first", "times in the text", traces, 520, logX: true, logY: true,
            caption: "Zipf's law: the n-th word comes about 1/n as often as the first. A few words make up most of a text, and most words "
                + "are too rare to learn much about.");
    }

    /// <summary>
    /// Which token sits where in the first windows of a split: steps downwards, the columns of the batch side by side. The colour is
    /// the token's place in the text, so a column is one stretch of text that goes on from window to window.
    /// </summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="batchSize">Columns, B.</param>
    /// <param name="length">Steps of a window, T.</param>
    /// <param name="windows">Windows to show.</param>
    public static GenericChart Windows(Corpus corpus, int batchSize = 6, int length = 5, int windows = 2)
    {
        // A stretch from the start that fills just these windows, so that the colours tell the columns apart.
        var tokens = corpus.Train[..Math.Min(corpus.Train.Length, batchSize * (windows * length + 1))];
        var cut = new Windows(tokens, batchSize, length);
        // An empty row tells the windows apart.
        var shown = Enumerable.Range(0, Math.Min(windows, cut.Count))
            .SelectMany(w => Enumerable.Range(w == 0 ? 0 : -1, cut[w].Steps + (w == 0 ? 0 : 1)).Select(t => (Window: w, Step: t))).ToList();
        string Word(long id) => corpus.Vocabulary[(int)id] is var word && word.Length > LongestWord
            ? Plot.Plain(word[..(LongestWord - 1)]) + "…" : Plot.Plain(word);
        string[] rows = [.. shown.Select(s => s.Step < 0 ? new string(' ', s.Window)
            : FormattableString.Invariant($"window {s.Window}, t = {s.Step}"))];
        var heat = new
        {
            type = "heatmap",
            x = Enumerable.Range(0, batchSize).Select(b => $"b = {b}").ToArray(),
            y = rows,
            z = shown.Select(s => Enumerable.Range(0, batchSize)
                .Select(b => s.Step < 0 ? (int?)null : b * cut.ColumnLength + s.Window * length + s.Step).ToArray()).ToArray(),
            text = shown.Select(s => Enumerable.Range(0, batchSize)
                .Select(b => s.Step < 0 ? "" : Word(cut[s.Window].Inputs[s.Step * batchSize + b])).ToArray()).ToArray(),
            texttemplate = "%{text}",
            textfont = new { color = "black", size = Plot.FontSize },
            colorscale = Plot.ScaleOf("#E4F0F9"), // the last cells are to be seen on white
            hoverongaps = false,
            xgap = 3,
            ygap = 3,
            hovertemplate = "token %{z} of the text<extra></extra>",
            colorbar = new { title = new { text = "place in<br>the text" }, outlinewidth = 0 },
        };
        return Plot.Of("How a text becomes windows",
            $"{corpus.Title}, the first {tokens.Length.ToString(CultureInfo.InvariantCulture)} tokens; B = {batchSize} columns, T = "
                + $"{length} steps, time-major [T, B]",
            "", "", [heat], 150 + 34 * rows.Length,
            xAxis: new { side = "top", showgrid = false, type = "category" },
            yAxis: new { autorange = "reversed", showgrid = false, type = "category", ticks = "" },
            caption: "Read downwards: a column b is a stretch of the text that goes on in the next window, and so does its hidden state. "
                + "The model reads the cells of a row at the same time.");
    }
}
