using System.Text.RegularExpressions;
using ArTar.Notebooks.Tests.Cells;

namespace ArTar.Notebooks.Tests.Committed;

/// <summary>What the README shows of C#.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void The_regularizer_compiles_and_is_one()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var code = Example().Match(readme).Groups[1].Value;
        // A cell has no namespace of its own; its own usings are those of notebooks.
        using var engine = new Engine(null, Notebooks.Formatting.WorkbenchFormatters.Create());
        var result = engine.Run($$"""
            {{code.Replace("namespace ArTar.Workbench.Regularization;", "", StringComparison.Ordinal)}}
            IRegularizer own = new SparseActivations();
            $"{own.Coefficient} {own.Penalty(zeros(3, 2, 4), full(3, 2, 4, -2f)).item<float>()}"
            """);
        Assert.True(result.Error is null, result.Error?.Message);
        Assert.Equal("gamma 2", (string?)result.Value!.Data["text/plain"]);
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
