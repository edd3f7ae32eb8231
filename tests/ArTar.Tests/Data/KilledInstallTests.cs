using System.Diagnostics;
using ArTar.Workbench.Data;

namespace ArTar.Tests.Data;

public sealed class KilledInstallTests : IDisposable
{
    private readonly TemporaryFolder home = new();

    public void Dispose() => home.Dispose();

    /// <summary>The real program, killed for good while it unpacks: at each file, at once and some random milliseconds later.</summary>
    [Fact]
    public async Task An_install_that_is_killed_never_looks_installed_and_the_next_one_ends_well()
    {
        var from = TestData.Corpus("wikitext-2");
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var attempt = 0; attempt < 9; attempt++)
        {
            using (var install = Start(from))
            {
                for (var line = 0; line <= attempt % 3; line++) await install.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
                await Task.Delay(attempt < 3 ? 0 : random.Next(60), TestContext.Current.CancellationToken);
                install.Kill();
                await install.WaitForExitAsync(TestContext.Current.CancellationToken);
            }
            // It may have won the race: then all of it must be there.
            if (Installer.StateOf(CorpusInfo.WikiText2, home.Workspace) == InstallState.Absent) continue;
            Assert.True(Verify().Count == 0, $"half an install looks whole (seed {seed}, attempt {attempt})");
            Directory.Delete(CorpusInfo.WikiText2.Folder(home.Workspace), recursive: true);
        }

        using (var install = Start(from))
        {
            await install.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(install.ExitCode == 0, await install.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        }
        Assert.Empty(Verify());
        Assert.False(Directory.Exists(home["datasets/.partial/wikitext-2"]));
    }

    [Fact]
    public async Task Ctrl_C_stops_an_install_and_says_how_to_go_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs SIGINT");
        var from = TestData.Corpus("wikitext-2");
        using var install = Start(from);
        await install.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        using (var interrupt = Process.Start("kill", ["-INT", $"{install.Id}"]))
            await interrupt.WaitForExitAsync(TestContext.Current.CancellationToken);
        var said = await install.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await install.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (install.ExitCode == 0) // it was done before the signal came
        {
            Assert.Empty(Verify());
            return;
        }
        Assert.Equal(130, install.ExitCode);
        Assert.EndsWith($"Stopped. The same command resumes from here: artar data install wikitext-2 --from {from}\n", said, StringComparison.Ordinal);
        Assert.Equal(InstallState.Absent, Installer.StateOf(CorpusInfo.WikiText2, home.Workspace));
        Assert.False(Directory.Exists(home["datasets/.partial/wikitext-2/unpacked"]));
    }

    private IReadOnlyList<string> Verify() => Installer.Verify(CorpusInfo.WikiText2, home.Workspace, cancellation: TestContext.Current.CancellationToken);

    private Process Start(string from)
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "artar.exe" : "artar");
        var start = new ProcessStartInfo(program, ["data", "install", "wikitext-2", "--from", from]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["ARTAR_HOME"] = home.Path;
        return Process.Start(start)!;
    }
}
