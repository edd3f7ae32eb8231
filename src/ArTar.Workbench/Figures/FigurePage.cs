using ArTar.Workbench.Display;
using ArTar.Workbench.Output;

namespace ArTar.Workbench.Figures;

/// <summary>
/// The page of a folder's figures: a part for each table in the paper's order, with the verdict, the table and its chart side by side, and
/// its further figures folded; a switch where a table has several scales. It needs plotly.js alone and opens from a file.
/// </summary>
internal static class FigurePage
{
    // Beside a table on a wide screen, and on a telephone.
    private const int Wide = 700, Narrow = 350;

    /// <summary>A figure in the folder: its name, what it holds, and the files of it to link to.</summary>
    internal readonly record struct Item(string Name, JsonObject Figure, IReadOnlyList<string> Files);

    /// <summary>The page.</summary>
    /// <param name="plotly">What brings plotly.js.</param>
    /// <param name="items">The figures.</param>
    public static string Of(string plotly, IEnumerable<Item> items)
    {
        var all = items.Select(i => (Item: i, Section: FigureSection.Read(i.Figure))).ToList();
        var tables = all.Where(i => i.Section is not null).GroupBy(i => i.Section!.Table).OrderBy(g => g.First().Section!.Place)
            .ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        var others = all.Where(i => i.Section is null).Select(i => i.Item).ToList();
        var body = new StringBuilder("<h1>Figures</h1>\n<nav>");
        foreach (var table in tables)
            body.Append($"<a href=\"#part-{Html.Encode(table.Key)}\">{Html.Encode(table.First().Section!.Heading)}</a> ");
        if (others.Count > 0)
            body.Append("<a href=\"#part-others\">Further figures</a>");
        body.Append("</nav>\n");
        foreach (var table in tables)
            Part(body, table.Key, [.. table.Select(t => (t.Item, t.Section!))]);
        if (others.Count > 0)
            body.Append("<section id=\"part-others\"><h2>Further figures</h2>\n")
                .AppendJoin("", others.Select(o => Chart(o, hasTitle: true)))
                .Append("</section>\n");
        return $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Figures</title><meta name="viewport" content="width=device-width, initial-scale=1">
            <link rel="icon" href="data:,">
            <style>{{Style}}</style>
            {{plotly}}
            </head>
            <body>
            {{body}}{{Script}}
            </body>
            </html>

            """;
    }

    private static void Part(StringBuilder body, string table, IReadOnlyList<(Item Item, FigureSection Section)> figures)
    {
        var scales = figures.GroupBy(f => f.Section.Scale).OrderBy(g => g.First().Section.Size).ToList();
        var first = scales.MaxBy(s => s.Max(f => f.Section.Text?.Weight ?? 0))!.Key;
        body.Append($"<section id=\"part-{Html.Encode(table)}\"><h2>{Html.Encode(figures[0].Section.Heading)}</h2>\n");
        if (scales.Count > 1)
            body.Append("<p class=\"scales\">scale: ").AppendJoin(" ", scales.Select(s =>
                $"<button type=\"button\" aria-pressed=\"{(s.Key == first ? "true" : "false")}\">{Html.Encode(s.Key)}</button>"))
                    .Append("</p>\n");
        foreach (var scale in scales)
        {
            body.Append($"<div class=\"scale\"{(scale.Key == first ? "" : " hidden")}>\n");
            if (scales.Count == 1)
                body.Append($"<p class=\"at\">{Html.Encode(scale.Key)}</p>\n");
            foreach (var (item, section) in scale.Where(f => f.Section.Text is not null))
                Table(body, item, section.Text!);
            if (scale.Where(f => f.Section.Text is null).Select(f => f.Item).ToList() is { Count: > 0 } further)
                body.Append($"<details><summary>further: "
                    + $"{Html.Encode(string.Join(", ", further.Select(f => TitleOf(f.Figure, figures[0].Section))))}</summary>\n")
                    .AppendJoin("", further.Select(f => Chart(f, hasTitle: true))).Append("</details>\n");
            body.Append("</div>\n");
        }
        body.Append("</section>\n");
    }

    private static void Table(StringBuilder body, Item item, FigureText text)
    {
        foreach (var verdict in text.Verdicts)
            body.Append($"<p class=\"verdict\">{Html.Encode(verdict)}</p>\n");
        body.Append($"<p>{Html.Encode(string.Join(" ", text.Sentences))}</p>\n<div "
            + $"class=\"beside\">\n{Chart(item, hasTitle: false)}<div class=\"table\"><table><tr>");
        foreach (var header in text.Headers)
            body.Append($"<th>{Html.Encode(header)}</th>");
        body.Append("</tr>\n");
        foreach (var (i, row) in text.Rows.Index())
            body.Append($"<tr{(i >= text.Cited ? " class=\"cited\"" : "")}>")
                .AppendJoin("", row.Select(c => $"<td>{Html.Encode(c)}</td>")).Append("</tr>\n");
        body.Append("</table></div>\n</div>\n<details><summary>circumstances</summary><ul>")
            .AppendJoin("", text.Notes.Select(n => $"<li>{Html.Encode(n)}</li>"))
            .Append("</ul></details>\n");
    }

    // Below a table's heading its figures need not say it again.
    private static string TitleOf(JsonObject figure, FigureSection section)
    {
        var title = Figure.WordsOf(figure).Title.Replace($"{section.Heading}: ", "", StringComparison.Ordinal);
        return title.EndsWith($", table {section.Table}", StringComparison.Ordinal) ? title[..^$", table {section.Table}".Length] : title;
    }

    // The chart as it is laid out for either width; what neither fits is left to the browser.
    private static string Chart(Item item, bool hasTitle)
    {
        string Fitted(int width)
        {
            var figure = (JsonObject)item.Figure.DeepClone();
            try
            {
                FigureFit.To(figure, new() { Width = width, HasTitle = hasTitle });
            }
            catch (Exception e) when (e is InvalidOperationException or NullReferenceException or FormatException)
            {
                // Other charts in the folder are not ours.
            }
            (figure["layout"] as JsonObject)?.Remove("meta");
            return HtmlTable.InScript(figure.ToJsonString());
        }
        var (_, subtitle, caption) = Figure.WordsOf(item.Figure);
        var links = string.Join(" ",
            item.Files.Select(f => $"<a href=\"{Uri.EscapeDataString(f)}\">{Html.Encode(Path.GetExtension(f)[1..])}</a>"));
        return $"""
            <figure id="{Html.Encode(item.Name)}"><div></div>
            <figcaption>{Html.Encode(hasTitle || subtitle.Length == 0 ? caption : $"{subtitle}. {caption}")} {links}</figcaption>
            <script type="application/json" class="wide">{Fitted(Wide)}</script>
            <script type="application/json" class="narrow">{Fitted(Narrow)}</script></figure>

            """;
    }

    private const string Style = """
        body { font: 15px/1.5 Helvetica, Arial, sans-serif; max-width: 1240px; margin: 1em auto; padding: 0 1em; color: #333; background: white }
        h2 { margin: 2.5em 0 0.3em; border-top: 1px solid #ccc; padding-top: 0.8em } nav a { margin-right: 1.2em; white-space: nowrap }
        nav { line-height: 2; max-width: 100% } nav a, .at { display: inline-block } .at { color: #666; margin: 0 0 0.5em }
        .verdict { border-left: 4px solid #0072B2; padding-left: 0.7em; margin: 0.4em 0; font-weight: bold }
        .beside { display: flex; gap: 24px; align-items: flex-start; flex-wrap: wrap }
        .table { flex: 1 1 340px; min-width: 0; max-width: 100%; max-height: 560px; overflow: auto }
        figure { margin: 0 0 1.5em; flex: 0 0 auto; width: 700px; max-width: 100%; overflow-x: auto } figcaption { font-size: 13px; color: #555 }
        table { border-collapse: collapse; font-size: 13px } th, td { padding: 3px 8px; text-align: right; border-bottom: 1px solid #eee; white-space: nowrap }
        th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 8em } th { border-bottom: 1px solid #999 } .cited td { color: #767676 }
        button { font: inherit; padding: 2px 10px; border: 1px solid #999; background: white; cursor: pointer } button[aria-pressed=true] { background: #0072B2; color: white }
        details { margin: 0.5em 0 } summary { cursor: pointer; color: #0072B2 } details li { font-size: 13px; overflow-wrap: anywhere }
        [hidden] { display: none }
        """;

    private const string Script = """
        <script>
        // What is seen is drawn, once.
        const draw = within => { for (const place of within.querySelectorAll("figure")) {
          if (place.dataset.drawn || place.closest("[hidden]") || place.closest("details:not([open])")) continue;
          place.dataset.drawn = "yes";
          const figure = JSON.parse(place.querySelector(place.clientWidth >= 700 ? ".wide" : ".narrow").textContent);
          Plotly.newPlot(place.querySelector("div"), figure.data, figure.layout, { displaylogo: false, displayModeBar: false });
        } };
        for (const part of document.querySelectorAll("section")) {
          const buttons = [...part.querySelectorAll(".scales button")], scales = [...part.querySelectorAll(".scale")];
          buttons.forEach((button, i) => button.addEventListener("click", () => {
            buttons.forEach((b, j) => { b.setAttribute("aria-pressed", i === j); scales[j].hidden = i !== j; });
            draw(part);
          }));
        }
        for (const more of document.querySelectorAll("details")) more.addEventListener("toggle", () => draw(more));
        draw(document);
        </script>
        """;
}
