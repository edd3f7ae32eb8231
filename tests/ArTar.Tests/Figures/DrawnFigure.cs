using System.Globalization;
using System.Text.Json.Nodes;
using ArTar.Workbench.Figures;

namespace ArTar.Tests.Figures;

/// <summary>A figure as a real browser draws it: what lies where, read from the page.</summary>
internal static class DrawnFigure
{
    private const double LeastChart = 0.5; // of the picture, beside its words

    /// <summary>What is wrong with it, in words; nothing where all is well.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="size">The size that it is drawn at.</param>
    /// <param name="highest">How high it may be on paper, in millimetres.</param>
    public static IEnumerable<string> Faults(Chromium browser, Figure figure, FigureSize size, double highest)
    {
        var json = figure.ToJson();
        var (width, height) = FigureFit.To(json, size);
        var drawn = JsonNode.Parse(browser.Script($"({Measure})({json.ToJsonString()})"))!;
        double Number(string key) => drawn[key]!.GetValue<double>();
        foreach (var fault in drawn["faults"]!.AsArray())
            yield return fault!.GetValue<string>();
        var area = Number("across") * Number("down") / (width * height);
        if (area < LeastChart)
            yield return string.Create(CultureInfo.InvariantCulture, $"the chart has {area:P1} of {width:0} x {height:0}");
        if (FigureSize.Millimetres(height * size.Scale) is var high && high > highest)
            yield return string.Create(CultureInfo.InvariantCulture, $"{high:0} mm high");
        foreach (var axis in new[] { "xticks", "yticks" })
            if (Number(axis) < (json["layout"]![$"{axis[0]}axis"]!["ticktext"] is JsonArray names ? Math.Min(2, names.Count) : 2))
                yield return $"{axis}: {Number(axis)}";
        foreach (var fault in Marks(json["data"]!.AsArray()))
            yield return fault;
    }

    /// <summary>Named series that look alike, in colour or in grey, and too many of them.</summary>
    private static IEnumerable<string> Marks(JsonArray traces)
    {
        var named = traces.Where(t => t!["type"]!.GetValue<string>() == "scatter" && t["showlegend"]?.GetValue<bool>() != false).ToList();
        string Of(JsonNode? trace, string part, string key) => trace![part]?[key] is JsonValue value ? value.ToString() : "";
        string Colour(JsonNode? t) => Of(t, "line", "color") is { Length: > 0 } line ? line : Of(t, "marker", "color");
        string Shape(JsonNode? t) => string.Join(' ', t!["mode"]!, Of(t, "line", "dash"), Of(t, "marker", "symbol"));
        var coloured = named.Where(t => Colour(t) is not ("" or Plot.Given or Plot.Unnamed)).ToList();
        if (coloured.Count > 8)
            yield return $"{coloured.Count} marks";
        foreach (var (i, one) in named.Index())
            foreach (var other in named.Skip(i + 1).Where(t => Shape(t) == Shape(one)))
                if (Colour(one) == Colour(other))
                    yield return $"'{one!["name"]}' and '{other!["name"]}' look alike";
                else if (Math.Abs(Lightness(Colour(one)) - Lightness(Colour(other))) < 4)
                    yield return $"'{one!["name"]}' and '{other!["name"]}' look alike in grey";
    }

    /// <summary>How light a colour is printed in grey, 0 to 100.</summary>
    public static double Lightness(string colour)
    {
        if (colour is not ['#', _, _, _, _, _, _])
            return double.NaN;
        double Part(int at) => Convert.ToInt32(colour.Substring(at, 2), 16) / 255.0 is var c && c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
        var light = 0.2126 * Part(1) + 0.7152 * Part(3) + 0.0722 * Part(5);
        return light <= 0.008856 ? 903.3 * light : 116 * Math.Cbrt(light) - 16;
    }

    private const string Measure = """
        async figure => {
          const place = document.createElement("div"), faults = [];
          document.body.replaceChildren(place);
          document.body.style.margin = "0";
          await Plotly.newPlot(place, figure.data, figure.layout, { staticPlot: true });
          const { width, height } = figure.layout;
          // A text's corners as it stands, turned or not, without the air above and below its letters.
          const corners = t => {
            const b = t.getBBox(), m = t.getScreenCTM(), a = Math.min(3, b.height / 6);
            return [[b.x + 1, b.y + a], [b.x + b.width - 1, b.y + a], [b.x + b.width - 1, b.y + b.height - a], [b.x + 1, b.y + b.height - a]]
              .map(([x, y]) => [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f]);
          };
          const isShown = t => t.textContent.trim() && getComputedStyle(t).visibility !== "hidden" && getComputedStyle(t).display !== "none";
          const texts = [...place.querySelectorAll("text")].filter(isShown).map(t => ({ text: t.textContent, at: corners(t), in: t }));
          const apart = (a, b) => [a, b].some(shape => shape.some((p, i) => {
            const q = shape[(i + 1) % 4], n = [q[1] - p[1], p[0] - q[0]];
            const along = s => s.map(c => c[0] * n[0] + c[1] * n[1]);
            const [u, v] = [along(a), along(b)];
            return Math.max(...u) <= Math.min(...v) || Math.max(...v) <= Math.min(...u);
          }));
          texts.forEach((t, i) => {
            if (t.at.some(([x, y]) => x < -1 || x > width + 1 || y < -1 || y > height + 1)) faults.push(`'${t.text}' is cut at the edge`);
            for (const other of texts.slice(i + 1)) if (!apart(t.at, other.at)) faults.push(`'${t.text}' lies on '${other.text}'`);
          });
          // A legend that has no room scrolls on a page, and is cut on paper.
          const legend = place.querySelector(".legend .bg")?.getBoundingClientRect();
          for (const t of place.querySelectorAll(".legend .legendtext")) {
            const b = t.getBoundingClientRect();
            if (b.bottom > legend.bottom + 1 || b.right > legend.right + 1) faults.push(`'${t.textContent}' is cut by the legend`);
          }
          const full = place._fullLayout, chart = place.querySelector(".cartesianlayer .plot") ?? place;
          const bg = [full.xaxis._length, full.yaxis._length];
          // Nothing but the chart's own words lies in the chart.
          const left = full._size.l + full.xaxis.domain[0] * full._size.w, top = full._size.t + (1 - full.yaxis.domain[1]) * full._size.h;
          const box = [[left, top], [left + bg[0], top], [left + bg[0], top + bg[1]], [left, top + bg[1]]];
          for (const t of texts)
            if (!chart.contains(t.in) && !t.in.closest(".annotation, .heatmaplayer, .textpoint") && !apart(t.at, box)) faults.push(`'${t.text}' lies in the chart`);
          const count = axis => [...place.querySelectorAll(`.${axis}tick text`)].filter(isShown).length;
          return JSON.stringify({ faults, across: bg[0], down: bg[1], xticks: count("x"), yticks: count("y") || place.querySelectorAll(".annotation text").length });
        }
        """;
}
