namespace ArTar.Workbench.Figures;

/// <summary>Puts the names of a figure's rows into its chart, where the picture has no room for them at its side.</summary>
internal static class FigureRows
{
    private const double Air = 0.04; // beside the marks, in parts of the chart
    private const double Shrunk = 0.7, HalfMark = FigureLayout.Mark / 2.0; // of marks below names, which they must not touch

    /// <summary>Changes data and layout; <see cref="FigureLayout.Names"/> says how.</summary>
    /// <param name="layout">The figure's layout.</param>
    /// <param name="data">Its traces.</param>
    /// <param name="place">Its rows, broken into lines.</param>
    /// <param name="height">Height of the whole picture.</param>
    public static void Name(JsonObject layout, JsonArray data, FigureLayout place, double height)
    {
        var (axis, names, room) = (layout["yaxis"]!.AsObject(), place.Rows!, height - place.Top - place.Bottom);
        axis["showticklabels"] = false;
        axis["ticks"] = "";
        var isMap = place.Names == RowNames.AboveCells;
        List<double> at = isMap ? [.. Enumerable.Range(0, names.Count).Select(i => (double)i)] : Positions(place, room);
        var above = place.Names == RowNames.Beside ? 0 : HalfMark + 1;
        if (place.Names == RowNames.Above)
            foreach (var marker in data.Select(t => t!["marker"]).OfType<JsonObject>().Where(m => m["size"] is not null))
                marker["size"] = marker["size"]!.GetValue<double>() * Shrunk;
        if (isMap)
            above = PartCells(layout, axis, data, place, room);
        else
            AsNumbers(axis, data, at, room);
        if (place.Names == RowNames.Beside)
            KeepApart(layout["xaxis"]!.AsObject(), data, names.Max(n => Letters.Width(n)) / place.Drawn);
        layout["annotations"] = new JsonArray([.. names.Zip(at).Select(row => (JsonNode)new JsonObject
        {
            ["text"] = row.First, ["showarrow"] = false, ["align"] = "left", ["borderpad"] = 0,
            ["xref"] = "paper", ["x"] = 0, ["xanchor"] = "left",
            ["yref"] = "y", ["y"] = row.Second, ["yanchor"] = above > 0 ? "bottom" : "middle", ["yshift"] = above,
            ["bgcolor"] = above > 0 ? "rgba(0, 0, 0, 0)" : "white", // no grid behind a name
        })]);
    }

    // From the bottom up; what is left over is shared out.
    private static List<double> Positions(FigureLayout place, double room)
    {
        var heights = place.RowHeights.ToList();
        var (more, sum, at) = (Math.Max(0, room - heights.Sum()) / heights.Count, 0.0, new List<double>());
        foreach (var height in heights)
        {
            at.Add(sum + (place.Names == RowNames.Beside ? (height + more) / 2 : HalfMark + more / 2));
            sum += height + more;
        }
        return at;
    }

    // An axis of categories has all of them at one distance, whatever their names' lines.
    private static void AsNumbers(JsonObject axis, JsonArray data, List<double> at, double room)
    {
        var place = axis["tickvals"]!.AsArray().Select(v => v!.GetValue<string>()).Zip(at).ToDictionary(p => p.First, p => p.Second);
        foreach (var trace in data.OfType<JsonObject>().Where(t => t["y"] is JsonArray))
            trace["y"] = new JsonArray([.. trace["y"]!.AsArray().Select(y => (JsonNode?)(y is null ? null : place[y.GetValue<string>()]))]);
        axis["type"] = "linear";
        axis["tickvals"] = new JsonArray([.. at.Select(v => (JsonNode)v)]);
        axis.Remove("categoryorder");
        axis.Remove("categoryarray");
        axis["range"] = new JsonArray(0, room);
    }

    // The axis begins further to the left, so that names have that part of the chart; ticks stand where marks do.
    private static void KeepApart(JsonObject axis, JsonArray data, double share)
    {
        List<double> values = [];
        foreach (var trace in data.OfType<JsonObject>().Where(t => t["x"] is JsonArray))
            foreach (var (i, x) in trace["x"]!.AsArray().Index().Where(p => p.Item is not null))
            {
                var (value, error) = (x!.GetValue<double>(), (trace["error_x"]?["array"] as JsonArray)?[i]?.GetValue<double>() ?? 0);
                values.AddRange([value - error, value + error]);
            }
        if (values.Count == 0)
            return;
        var (least, most) = (values.Min(), values.Max());
        var span = Math.Max(most - least, 1e-3 * Math.Abs(most));
        var whole = span / (1 - share - 2 * Air);
        axis["range"] = new JsonArray(least - (share + Air) * whole, most + Air * whole);
        var step = Math.Pow(10, Math.Floor(Math.Log10(span / 2)));
        step *= span / step >= 10 ? 5 : span / step >= 5 ? 2 : 1;
        axis["tickvals"] = new JsonArray([.. Enumerable.Range(0, 12).Select(i => (Math.Ceiling(least / step) + i) * step)
            .Where(v => v <= most).Select(v => (JsonNode)v)]);
    }

    // Each name lies in a gap above its cells; returns how far above their middle.
    private static double PartCells(JsonObject layout, JsonObject axis, JsonArray data, FigureLayout place, double room)
    {
        var (gap, rows) = (FigureLayout.Line * place.MostLines + 2.0, place.Rows!.Count);
        // The highest name needs the whole of its gap, the lowest row none below it.
        var pitch = (room - gap / 2) / rows;
        foreach (var map in data.OfType<JsonObject>())
            map["ygap"] = gap;
        layout["plot_bgcolor"] = "white";
        axis["showline"] = false;
        axis["range"] = new JsonArray(-0.5, rows - 0.5 + gap / 2 / pitch);
        return (pitch - gap) / 2;
    }
}
