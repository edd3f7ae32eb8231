namespace ArTar.Tests;

/// <summary>What a test needs from the machine: when it is missing the test is skipped with the reason, and fails where CI=true.</summary>
internal static class Requires
{
    /// <summary>Whether this is a continuous-integration run, where everything that can be installed must be there.</summary>
    public static bool Ci => Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <summary>Skips (or under CI fails) the calling test unless <paramref name="present"/>.</summary>
    public static void That(bool present, string what, string howToGetIt)
    {
        if (present) return;
        var message = $"{what} is missing; {howToGetIt}";
        if (Ci) Assert.Fail(message);
        Assert.Skip(message);
    }
}
