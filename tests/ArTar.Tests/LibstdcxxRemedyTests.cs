using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using CsCheck;

namespace ArTar.Tests;

public class LibstdcxxRemedyTests
{
    [Fact]
    public void Torch_loads_from_the_build_output() =>
        Assert.Equal(4, TorchSharp.torch.ones(2, 2).sum().item<float>());

    [Fact]
    public void The_build_output_holds_the_library_that_this_system_needs()
    {
        var expected = Package();
        var newEnough = NativeLibrary.TryLoad("libstdc++.so.6", out var system)
            && NativeLibrary.TryGetExport(system, LibstdcxxRemedy.Symbol, out _);
        // True says, too, that the package's own file was never touched.
        if (!newEnough) Assert.True(LibstdcxxRemedy.Apply(expected));
        Assert.True(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so")).AsSpan().SequenceEqual(expected));
    }

    [Fact]
    public void The_build_step_refuses_what_it_does_not_know_and_leaves_no_file()
    {
        Package(); // skips elsewhere
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        var broken = Path.Combine(folder, "broken.so");
        File.WriteAllText(broken, "not a library");
        var start = new ProcessStartInfo("dotnet",
        [
            "msbuild", "ArTar.Workbench.csproj", "-nologo", "-t:PrepareTorchSharpLibrary", "-p:LibstdcxxRemedy=always",
            "-p:_TorchSharpLibrary=" + broken, "-p:_PreparedTorchSharpLibrary=" + Path.Combine(folder, "copy.so"),
        ])
        { WorkingDirectory = TestData.Repository, RedirectStandardOutput = true };
        using var build = Process.Start(start)!;
        var output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.Equal(1, build.ExitCode);
        Assert.Contains($"error : The libstdc++ remedy cannot be applied to '{broken}': it is not an ELF file. It knows", output, StringComparison.Ordinal);
        Assert.Equal([broken], Directory.GetFiles(folder));
    }

    [Fact]
    public void The_copy_differs_from_the_package_in_the_three_places_only()
    {
        var before = Package();
        var after = (byte[])before.Clone();
        Assert.True(LibstdcxxRemedy.Apply(after));

        // 2 bytes of flags, 20 bytes of the symbol (from st_other on), 2 bytes of its version: nothing else may move.
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToArray();
        Assert.InRange(changed.Length, 5, 24);
        Assert.InRange(changed.Max(), 1, 0x50000); // all in the tables before the code
    }

    [Fact]
    public void A_library_that_was_changed_is_left_alone()
    {
        var library = Package();
        Assert.True(LibstdcxxRemedy.Apply(library));
        var again = (byte[])library.Clone();
        Assert.False(LibstdcxxRemedy.Apply(again));
        Assert.Equal(library, again);
    }

    [Fact]
    public void A_library_that_does_not_need_the_version_is_left_alone()
    {
        var source = Path.Combine(PackageFolder("libtorch-cpu-linux-x64"), "libc10.so");
        var library = File.ReadAllBytes(source);
        var before = (byte[])library.Clone();
        Assert.False(LibstdcxxRemedy.Apply(library));
        Assert.Equal(before, library);

        using var folder = new TemporaryFolder();
        var target = folder["libc10.so"];
        Assert.False(LibstdcxxRemedy.ApplyToCopy(source, target));
        Assert.False(File.Exists(target));
    }

    [Theory]
    [InlineData(0, "not an ELF file")]
    [InlineData(63, "not an ELF file")]
    [InlineData(64, "truncated or damaged")]
    [InlineData(1 << 20, "truncated or damaged")]
    public void A_truncated_library_is_refused_and_leaves_no_file(int length, string reason)
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        var source = Path.Combine(folder, "broken.so");
        File.WriteAllBytes(source, Package()[..length]);
        var fault = Assert.Throws<InvalidDataException>(() => LibstdcxxRemedy.ApplyToCopy(source, Path.Combine(folder, "copy.so")));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.Equal([source], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_library_that_needs_the_version_for_another_symbol_is_refused()
    {
        var library = Package();
        var name = library.AsSpan().IndexOf("_ZSt21ios_base_library_initv"u8);
        library[name + 5] = (byte)'2';
        var fault = Assert.Throws<InvalidDataException>(() => LibstdcxxRemedy.Apply(library));
        Assert.Contains("needs GLIBCXX_3.4.32 for '_ZSt22ios_base_library_initv'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_in_the_tables_is_refused_with_a_reason_or_does_not_matter()
    {
        var package = Package();
        var sectionTable = (int)BitConverter.ToUInt64(package, 40);
        var places = Gen.OneOf(Gen.Int[0, 0x4ffff], Gen.Int[0, 63], Gen.Int[sectionTable, package.Length - 1]);
        var damage = Gen.Select(places, Gen.Byte).Array[1, 4];
        Gen.Select(damage, Gen.OneOf(Gen.Const(0), Gen.Int[0, package.Length])).Sample((bytes, cut) =>
        {
            var library = cut == 0 ? (byte[])package.Clone() : package[..cut];
            foreach (var (at, value) in bytes)
                if (at < library.Length) library[at] = value;
            try
            {
                LibstdcxxRemedy.Apply(library);
            }
            catch (InvalidDataException)
            {
                // The only way in which it may fail.
            }
        }, iter: 300);
    }

    /// <summary>A project of one's own that refers to the library has NuGet's file beside it, as it is.</summary>
    [Fact]
    public void A_program_that_was_built_without_it_loads_libtorch_all_the_same()
    {
        var package = Package();
        using var program = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            if (Path.GetFileName(file) is var name && (name is "artar" or "artar.runtimeconfig.json" || name.EndsWith(".dll", StringComparison.Ordinal)))
                File.Copy(file, program[name]);
            else if (name.EndsWith(".so", StringComparison.Ordinal) || name.Contains(".so.", StringComparison.Ordinal))
                File.CreateSymbolicLink(program[name], file);
        File.Delete(program["libLibTorchSharp.so"]);
        File.WriteAllBytes(program["libLibTorchSharp.so"], package);
        using var artar = new CommandLine.Artar();
        for (var again = 0; again < 2; again++)
        {
            var said = CommandLine.Artar.Finish(artar.Start(["doctor"], program["artar"], ("XDG_DATA_HOME", program["data"])));
            Assert.Equal((0, ""), (said.Code, said.Errors));
            Assert.Matches(@"libtorch +\d+\.\d+\.\d+, ", said.Output);
        }
        Assert.True(File.ReadAllBytes(program["libLibTorchSharp.so"]).AsSpan().SequenceEqual(package), "NuGet's file was changed");
    }

    private static byte[] Package() => File.ReadAllBytes(Path.Combine(PackageFolder("torchsharp"), "libLibTorchSharp.so"));

    /// <summary>The native folder of a package as NuGet has it, which the build must never have touched.</summary>
    private static string PackageFolder(string package)
    {
        Requires.That(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "an x64 Linux", "the remedy exists only there");
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        using var built = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ArTar.Tests.deps.json")));
        var library = built.RootElement.GetProperty("libraries").EnumerateObject()
            .Single(l => l.Name.StartsWith(package + "/", StringComparison.OrdinalIgnoreCase));
        return Path.Combine(packages, library.Value.GetProperty("path").GetString()!, "runtimes", "linux-x64", "native");
    }
}
