namespace ArTar.Notebooks.Cells;

/// <summary>How much memory cells take, and what could be let go.</summary>
internal static class Memory
{
    /// <summary>What <c>#!memory</c> shows.</summary>
    /// <param name="hidden">Variables whose name a later cell has declared again.</param>
    public static string Now(int hidden)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{Megabytes(Environment.WorkingSet)} in this process, {Megabytes(GC.GetTotalMemory(forceFullCollection: true))} of it " +
                $"objects of .NET (tensors lie outside)");
        return hidden == 0 ? text
            : text + string.Create(CultureInfo.InvariantCulture,
                $"\n{hidden} older {(hidden == 1 ? "value is" : "values are")} kept of variables that cells have declared "
                    + $"again; #!forget " +
                $"lets go of them");
    }

    /// <summary>What <c>#!forget</c> shows when it has let go of older values.</summary>
    public static string AfterForgetting(int forgotten)
    {
        // Tensors give their memory back when they are finalized.
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"let go of {forgotten} older {(forgotten == 1 ? "value" : "values")}\n{Now(0)}");
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:N0} MB");
}
