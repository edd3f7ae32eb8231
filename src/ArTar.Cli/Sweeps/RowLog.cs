namespace ArTar.Cli.Sweeps;

/// <summary>A row's log: a line for all that happens to it, with the time.</summary>
internal sealed class RowLog(string path)
{
    private readonly Lock gate = new();

    public void Write(string text)
    {
        lock (gate)
            try
            {
                PlainFile.Require(path); // writing into a pipe would wait for a reader
                File.AppendAllText(path, string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm:ss}Z  {text}\n"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk: what the log would say also stands in the attempts and in the runs.
            }
    }
}
