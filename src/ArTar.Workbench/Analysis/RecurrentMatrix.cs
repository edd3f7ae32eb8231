using System.Numerics;
using ArTar.Workbench.Models;
using static TorchSharp.torch;

namespace ArTar.Workbench.Analysis;

/// <summary>
/// A tanh RNN's recurrent matrix U, the H x H map from h_(t-1) to h_t: how close it is to a multiple of the identity, and what it does to a
/// state.
/// </summary>
public sealed record RecurrentMatrix
{
    /// <summary>Recurrent layer, from 0.</summary>
    public required int Layer { get; init; }

    /// <summary>How close it is to a multiple of the identity.</summary>
    public required NearestIdentity Identity { get; init; }

    /// <inheritdoc cref="NearestIdentity.Multiple"/>
    public double NearestMultiple => Identity.Multiple;

    /// <inheritdoc cref="NearestIdentity.Distance"/>
    public double DistanceToIdentity => Identity.Distance;

    /// <inheritdoc cref="NearestIdentity.DiagonalMass"/>
    public double DiagonalMass => Identity.DiagonalMass;

    /// <summary>Singular values, the largest first, [H].</summary>
    public required IReadOnlyList<double> SingularValues { get; init; }

    /// <summary>Eigenvalues, [H], in no order.</summary>
    public required IReadOnlyList<Complex> Eigenvalues { get; init; }

    /// <summary>The entries of U row by row, [H, H]: entry i*H + j leads from unit j of h_(t-1) to unit i of h_t.</summary>
    public required IReadOnlyList<double> Entries { get; init; }

    /// <summary>Measures a layer of a tanh RNN.</summary>
    /// <exception cref="WorkbenchException">The model has gates, so that no single matrix maps h_(t-1) to h_t.</exception>
    public static RecurrentMatrix Measure(LanguageModel model, int layer)
    {
        if (model.Cell != Cell.Tanh)
            throw new WorkbenchException($"The model's cell is {model.Cell}; only a tanh RNN has one matrix from h_(t-1) to h_t.");
        return Measure(model.RecurrentWeight(layer), layer);
    }

    /// <summary>Measures any square matrix, [H, H].</summary>
    public static RecurrentMatrix Measure(Tensor matrix, int layer = 0)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var u = matrix.detach().cpu().to(ScalarType.Float64);
        var eigenvalues = linalg.eigvals(u);
        var (real, imaginary) = (eigenvalues.real.contiguous().data<double>().ToArray(),
            eigenvalues.imag.contiguous().data<double>().ToArray());
        return new()
        {
            Layer = layer,
            Identity = NearestIdentity.Of(u),
            SingularValues = linalg.svdvals(u).data<double>().ToArray(),
            Entries = u.contiguous().data<double>().ToArray(),
            Eigenvalues = [.. real.Zip(imaginary, (re, im) => new Complex(re, im))],
        };
    }
}
