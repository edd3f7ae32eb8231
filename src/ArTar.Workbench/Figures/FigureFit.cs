namespace ArTar.Workbench.Figures;

/// <summary>Lays a figure out anew for the size that it is drawn at.</summary>
internal static class FigureFit
{
    private const double LeastLines = 6; // of letters, that a chart itself must be high
    private const double HeightOfOthers = 480;

    /// <summary>Changes a figure's layout.</summary>
    /// <param name="figure">Data and layout, as <see cref="Figure.ToJson"/> gives them.</param>
    /// <param name="size">The size.</param>
    /// <returns>Width and height of the layout, before it is scaled by <see cref="FigureSize.Scale"/>.</returns>
    /// <exception cref="WorkbenchException">The height leaves no room for the chart.</exception>
    public static (double Width, double Height) To(JsonObject figure, FigureSize size)
    {
        var (layout, data) = (figure["layout"]!.AsObject(), figure["data"]!.AsArray());
        if (layout["meta"] is not JsonObject || layout["xaxis"] is not JsonObject x || layout["yaxis"] is not JsonObject y
            || layout["margin"] is not JsonObject margin || layout["title"] is not JsonObject || layout["font"] is not JsonObject)
            return Unchanged(layout, size);
        var natural = layout["width"]!.GetValue<int>();
        var width = size is { Width: Plot.Width, Scale: 1 } ? natural : size.Width / size.Scale;
        var named = data.OfType<JsonObject>().Where(t => !IsMap(t) && t["showlegend"]?.GetValue<bool>() != false && t["name"] is not null)
            .ToList();
        var (title, subtitle, _) = Figure.WordsOf(figure);
        var place = new FigureLayout(new()
        {
            Title = size.HasTitle ? title : "",
            Subtitle = subtitle,
            X = NameOf(x),
            Y = NameOf(y),
            Columns = Labels(x),
            Rows = Labels(y),
            Legend = [.. named.Select(t => t["name"]!.GetValue<string>().Replace("<br>", " ", StringComparison.Ordinal))],
            IsOnTop = x["side"]?.GetValue<string>() == "top",
            HasScale = data.Any(IsMap),
            IsOnPaper = size.Density > new FigureSize().Density,
        }, width, size.Height / size.Scale);

        var isSquare = x["scaleanchor"] is not null;
        var wanted = (double)layout["height"]!.GetValue<int>() - margin["t"]!.GetValue<int>() - margin["b"]!.GetValue<int>();
        // A square stays one, rows keep their height; what else is between the margins shrinks a little where the picture is narrow.
        wanted *= isSquare || place.Rows is not null ? 1 : Math.Clamp(0.4 + 0.6 * width / natural, 0.65, 1);
        var height = size.Height / size.Scale ?? place.Height(wanted, isSquare);
        var least = place.Top + place.Bottom + LeastLines * Plot.FontSize;
        if (height < least)
            throw new WorkbenchException(FormattableString.Invariant(
                $"A height of {FigureSize.Millimetres(size.Height!.Value):0.#} mm leaves '{title}' no room beside its words: ")
                + FormattableString.Invariant($"take at least {Math.Ceiling(FigureSize.Millimetres(least * size.Scale))} mm, ")
                + "smaller letters"
                + (size.HasTitle ? ", or no title." : ", or a greater width."));

        layout["title"]!["text"] = place.Title;
        layout["title"]!["pad"] = new JsonObject { ["t"] = place.TitlePad };
        layout["font"]!["family"] = size.IsSerif ? Plot.Serif : Plot.SansSerif;
        (margin["t"], margin["b"], margin["r"]) = (place.Top, place.Bottom, place.Right);
        foreach (var (trace, name) in named.Zip(place.Legend))
            trace["name"] = name;
        foreach (var (axis, labels) in new[] { (x, place.Columns), (y, place.Rows) })
            if (labels is not null)
                axis["ticktext"] = new JsonArray([.. labels.Select(n => (JsonNode)n)]);
        if (place.Names != RowNames.Left)
            FigureRows.Name(layout, data, place, height);
        foreach (var map in data.Where(IsMap))
        {
            if (place.IsNarrow)
                map!["showscale"] = false;
            if (map!["text"] is JsonArray rows && map["x"] is JsonArray columns)
                foreach (var row in rows.OfType<JsonArray>())
                    for (var i = 0; i < row.Count; i++)
                        row[i] = InCell(row[i]?.GetValue<string>() ?? "", place.Drawn / columns.Count - 6, place.IsNarrow);
        }
        (layout["width"], layout["height"]) = (width, height);
        return (width, height);
    }

    // Words are broken into lines, and shortened where the picture is narrow; figures are as short as they can be, and may be bold.
    private static string InCell(string text, double room, bool isNarrow) => text.Contains('<') ? text : string.Join("<br>",
        Letters.Broken([text], room)[0].Split("<br>").Select(line => isNarrow ? Letters.Shortened(line, room) : line));

    // A chart of somebody else's has the layout that they gave it.
    private static (double Width, double Height) Unchanged(JsonObject layout, FigureSize size)
    {
        double Given(string side, double otherwise) =>
            layout[side] is JsonValue value && value.TryGetValue<double>(out var given) ? given : otherwise;
        var width = size is { Width: Plot.Width, Scale: 1 } ? Given("width", Plot.Width) : size.Width / size.Scale;
        var height = size.Height / size.Scale ?? Given("height", HeightOfOthers);
        (layout["width"], layout["height"]) = (width, height);
        return (width, height);
    }

    private static string NameOf(JsonObject axis) => axis["title"]?["text"]?.GetValue<string>() ?? "";

    private static string[]? Labels(JsonObject axis) =>
        axis["type"]?.GetValue<string>() == "category" && axis["tickvals"] is JsonArray values
            ? [.. values.Select(v => v!.GetValue<string>())] : null;

    private static bool IsMap(JsonNode? trace) => trace?["type"]?.GetValue<string>() == "heatmap";
}
