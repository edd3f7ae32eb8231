using ArTar.Workbench.Display;
// A namespace of its own: cells import it, and nothing else of the engine.

namespace ArTar.Notebooks.CellApi;

/// <summary>What cells can call beside the library.</summary>
public static class Displays
{
    /// <summary>Shows a value where the cell stands; outside a cell it is printed.</summary>
    /// <param name="value">Any value.</param>
    /// <returns>The display, whose content can be replaced.</returns>
    public static DisplayHandle Display(this object? value)
    {
        var handle = new DisplayHandle();
        handle.Show(value, isUpdate: false);
        return handle;
    }
}

/// <summary>What cells of other hosts call without a type's name; here it works as well.</summary>
public static class Familiar
{
    /// <summary>Shows a value where the cell stands, as <see cref="Displays.Display"/> does.</summary>
    public static DisplayHandle display(object? value) => value.Display();

    /// <summary>A text that is shown as HTML.</summary>
    public static Html HTML(string markup) => new(markup, markup);
}
