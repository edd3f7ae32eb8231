namespace ArTar.Workbench.Figures;

/// <summary>Where the names of a chart's rows stand.</summary>
internal enum RowNames
{
    /// <summary>Beside the chart.</summary>
    Left,

    /// <summary>In the chart, each above what is drawn of its row.</summary>
    Above,

    /// <summary>Each in the gap above its row of a map.</summary>
    AboveCells,

    /// <summary>In the chart's left half, each in one line with what is drawn of its row: for very many rows.</summary>
    Beside,
}
