using static TorchSharp.torch;

namespace ArTar.Workbench.Models;

/// <summary>Checks tensors against named axes.</summary>
public static class Shape
{
    /// <summary>
    /// Throws when a tensor's axes do not fit: <c>Shape.Require(raw, "raw", "T B H", ("H", 650))</c>.
    /// </summary>
    /// <param name="tensor">The tensor to check.</param>
    /// <param name="name">Its name in the message.</param>
    /// <param name="axes">Its axes by name, separated by blanks.</param>
    /// <param name="sizes">The sizes that are known.</param>
    /// <exception cref="ArgumentException">Names every axis, what was found and what was expected.</exception>
    public static void Require(Tensor tensor, string name, string axes, params ReadOnlySpan<(string Axis, long Size)> sizes)
    {
        var names = axes.Split(' ');
        var fits = tensor.dim() == names.Length;
        foreach (var (axis, size) in sizes)
            fits = fits && tensor.shape[Array.IndexOf(names, axis)] == size;
        if (fits)
            return;

        var expected = new List<string>();
        foreach (var axis in names)
            expected.Add(axis);
        foreach (var (axis, size) in sizes)
            expected[Array.IndexOf(names, axis)] = $"{axis}={size}";
        throw new ArgumentException(
            $"{name} has shape [{string.Join(", ", tensor.shape)}]; expected [{string.Join(", ", expected)}].", name);
    }
}
