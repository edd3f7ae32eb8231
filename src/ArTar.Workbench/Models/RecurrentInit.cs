namespace ArTar.Workbench.Models;

/// <summary>How the recurrent matrices, the H x H maps from h_(t-1) to h_t, start.</summary>
public enum RecurrentInit
{
    /// <summary>Uniform in [-1/sqrt(H), 1/sqrt(H)], the paper's rule for all weights.</summary>
    Uniform,

    /// <summary>
    /// The identity, after Le et al. 2015, who used it with rectified linear units; here it is for the tanh RNN, the only
    /// cell in which one matrix maps h_(t-1) to h_t.
    /// </summary>
    Identity,
}
