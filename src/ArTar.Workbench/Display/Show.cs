using Microsoft.Data.Analysis;
using Plotly.NET;
using TorchSharp;

namespace ArTar.Workbench.Display;

/// <summary>Wraps values of other libraries so that every notebook host shows them well.</summary>
public static class Show
{
    private const int Rows = 50;

    /// <summary>A chart.</summary>
    public static ChartView Chart(GenericChart chart) => new(chart);

    /// <summary>A data frame as a table; of a long one the first rows.</summary>
    public static Html Frame(DataFrame frame)
    {
        List<string> columns = [.. frame.Columns.Select(c => c.Name)];
        var rows = frame.Rows.Take(Rows).Select(row => (IReadOnlyList<string>)[.. row.Select(Text)]);
        var more = frame.Rows.Count > Rows ? $"the first {Rows} of {frame.Rows.Count.ToString(CultureInfo.InvariantCulture)} rows" : null;
        return Html.Table(columns, rows, more);
    }

    /// <summary>A tensor: its type, shape and device, and its values.</summary>
    public static Html Tensor(torch.Tensor tensor)
    {
        using var values = tensor.detach().cpu();
        var text = $"{tensor.dtype.ToString().ToLowerInvariant()} [{string.Join(", ", tensor.shape)}] on "
            + $"{tensor.device}\n{values.ToString(TensorStringStyle.Numpy, cultureInfo: CultureInfo.InvariantCulture)}";
        return new($"<pre>{Html.Encode(text)}</pre>", text);
    }

    private static string Text(object? value) => value switch
    {
        null => "–",
        double number => number.ToString("G4", CultureInfo.InvariantCulture),
        float number => number.ToString("G4", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
