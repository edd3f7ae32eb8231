using ArTar.Workbench.Figures;
using Plotly.NET;

namespace ArTar.Notebooks.Formatting;

/// <summary>
/// Draws charts as pictures, in a browser that starts with the first one, goes when it has had nothing to do for a while, and comes back.
/// </summary>
public sealed class ChartPictures : IDisposable
{
    // A chart that is shown anew at every step must not wait for a picture each time: so many at once, then one in a second of other work.
    private const int AtOnce = 20;
    private static readonly TimeSpan rest = TimeSpan.FromSeconds(30), pause = TimeSpan.FromSeconds(1);

    private readonly FigureSize size;
    private readonly TimeSpan patience;
    private readonly Timer idle;
    private readonly Lock gate = new();
    private Chromium? browser;
    private long lastAt = Stopwatch.GetTimestamp();
    private double allowed = AtOnce;
    private bool isHopeless;

    /// <summary>Pictures of one kind.</summary>
    /// <param name="density">Pixels to the inch.</param>
    /// <param name="patience">How long the browser may take to start, and for a picture.</param>
    public ChartPictures(double density, TimeSpan patience)
    {
        (size, this.patience) = (new() { Density = density }, patience);
        idle = new(_ => Close());
    }

    /// <summary>A chart as a PNG file.</summary>
    /// <exception cref="WorkbenchException">There is no browser, or it does not answer.</exception>
    public byte[] Draw(GenericChart chart)
    {
        lock (gate)
        {
            idle.Change(Timeout.Infinite, Timeout.Infinite);
            try
            {
                browser ??= Chromium.Start(patience: patience);
                var picture = PalettePng.Of(browser.Png(new("chart", chart), size));
                idle.Change(rest, Timeout.InfiniteTimeSpan);
                return picture;
            }
            catch
            {
                // Also a cell that is interrupted meanwhile leaves an answer behind, which the next one would take for its own.
                Close();
                throw;
            }
        }
    }

    /// <summary>
    /// The same where a chart can do without: null when there is no browser, or it does not answer, then and ever after, and of many
    /// that quickly follow each other for most.
    /// </summary>
    public byte[]? TryDraw(GenericChart chart)
    {
        if (isHopeless || !IsAllowed())
            return null;
        try
        {
            return Draw(chart);
        }
        catch (WorkbenchException)
        {
            isHopeless = true;
            return null;
        }
        finally
        {
            lock (gate)
                lastAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Ends the browser.</summary>
    public void Dispose()
    {
        idle.Dispose();
        Close();
    }

    private bool IsAllowed()
    {
        lock (gate)
        {
            allowed = Math.Min(allowed + Stopwatch.GetElapsedTime(lastAt) / pause, AtOnce);
            lastAt = Stopwatch.GetTimestamp();
            if (allowed < 1)
                return false;
            allowed--;
            return true;
        }
    }

    private void Close()
    {
        lock (gate)
        {
            browser?.Dispose();
            browser = null;
        }
    }
}
