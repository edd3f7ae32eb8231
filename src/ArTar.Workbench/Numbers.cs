using System.Globalization;

namespace ArTar.Workbench;

/// <summary>
/// The one reader of numbers that people write: a point before the decimals, no grouping, whatever the system's language. A comma never
/// means anything, so that <c>0,8</c> is refused and not read as 8.
/// </summary>
public static class Numbers
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Reads a number: <c>2</c>, <c>.5</c>, <c>1e-7</c>.</summary>
    public static bool TryRead(string text, out double number) => double.TryParse(text, Style, CultureInfo.InvariantCulture, out number);

    /// <summary>Reads a whole number, which may be written as <c>2.0</c> or <c>2e3</c>.</summary>
    public static bool TryRead(string text, out int number)
    {
        var whole = TryRead(text, out double value) && value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue;
        number = whole ? (int)value : 0;
        return whole;
    }

    /// <summary>A number as it is read again, in the fewest digits.</summary>
    public static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
