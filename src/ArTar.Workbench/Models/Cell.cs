namespace ArTar.Workbench.Models;

/// <summary>The recurrent cell of a language model; each one runs through libtorch's fused layer.</summary>
public enum Cell
{
    /// <summary>Long short-term memory (paper, tables 1 to 5).</summary>
    Lstm,

    /// <summary>Gated recurrent unit (paper, table 6).</summary>
    Gru,

    /// <summary>The plain recurrent network h_t = tanh(W x_t + b + U h_(t-1) + c) (paper, table 6).</summary>
    Tanh,
}
