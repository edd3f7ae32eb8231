// Makes TorchSharp's native library load on Debian 12, Ubuntu 22.04 and their like. LibstdcxxRemedy.targets calls it.
//
// Why. libLibTorchSharp.so was linked with GCC 13, so it asks the system's libstdc++ for the symbol version GLIBCXX_3.4.32, which
// GCC 12 and older do not have; the dynamic loader then refuses the whole library. It needs that version for one symbol only,
// std::ios_base_library_init(): an empty function by which the linker makes sure that it runs with a libstdc++ that sets up
// std::cout and the other streams by itself. libtorch's own libraries need GLIBCXX_3.4.30 at most.
//
// What. On a copy of the library, three small fields of its symbol tables are changed:
//   1. .gnu.version_r: the entry GLIBCXX_3.4.32 is marked weak, so that the loader no longer insists on it;
//   2. .dynsym: the undefined std::ios_base_library_init() becomes a hidden, defined function of this library: a lone `ret`
//      instruction that is already in .text, so calling it still does nothing;
//   3. .gnu.version: that symbol no longer names the missing version.
//
// Why it is safe. With an older libstdc++ the streams are set up by the classic object std::ios_base::Init; libc10.so and
// libtorch_cpu.so, which libLibTorchSharp.so depends on and which are therefore set up before it, each contain one. No code is
// changed, no byte moves, and every other symbol is bound as before. A library that looks different from what is said here is
// refused with the reason instead of being changed.
//
// This file is compiled by MSBuild itself against .NET Standard 2.0 (RoslynCodeTaskFactory), and once more into the library, for programs that such a build did not make.

#nullable enable

using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

/// <summary>Frees a 64-bit x86 ELF library from needing GLIBCXX_3.4.32 for the anchor function of libstdc++'s streams.</summary>
internal static class LibstdcxxRemedy
{
    public const string Symbol = "_ZSt21ios_base_library_initv";
    public const string Version = "GLIBCXX_3.4.32";

    private const uint DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, SymbolVersions = 0x6fffffff;
    private const ulong WeakVersion = 2, GlobalVersion = 1, HiddenSymbol = 2, X86_64 = 62;
    private const byte Ret = 0xC3;

    /// <summary>Changes the library in memory.</summary>
    /// <returns>False when it does not insist on GLIBCXX_3.4.32; it is then left as it was.</returns>
    /// <exception cref="InvalidDataException">The bytes are not such a library, or need the version for something else too.</exception>
    public static bool Apply(byte[] library)
    {
        var elf = new Elf(library);
        if (elf.Sections.FindIndex(s => s.Type == VersionNeeds) is var needsIndex && needsIndex < 0) return false;
        var need = FindNeed(elf, elf.Sections[needsIndex]);
        if (need is null || (elf.Read(need.Value.Flags, 2) & WeakVersion) != 0) return false;

        var symbols = elf.Single(DynamicSymbols, ".dynsym");
        var versions = elf.Single(SymbolVersions, ".gnu.version");
        var names = elf.Linked(symbols);
        var anchor = -1;
        for (var i = 0; i < symbols.Size / 24 && i < versions.Size / 2; i++)
        {
            // The top bit of a symbol's version says "hidden" and is no part of its number.
            if ((elf.Read(versions.Offset + 2 * i, 2) & 0x7fff) != need.Value.Index) continue;
            var name = elf.Text(names, elf.Read(symbols.Offset + 24 * i, 4));
            var defined = elf.Read(symbols.Offset + 24 * i + 6, 2) != 0;
            if (name != Symbol || defined || anchor >= 0)
                throw new InvalidDataException($"it needs {Version} for '{name}' too, where only an undefined '{Symbol}' was expected");
            anchor = i;
        }
        if (anchor < 0) throw new InvalidDataException($"it needs {Version}, but not for '{Symbol}'");

        var text = elf.Sections.FindIndex(s => s.Name == ".text");
        if (text < 0) throw new InvalidDataException("it has no .text section");
        var code = elf.Sections[text];
        var ret = Array.IndexOf(library, Ret, code.Offset, code.Size);
        if (ret < 0) throw new InvalidDataException("its .text holds no ret instruction");

        // Everything was found: only now change bytes. Symbol: name 4, info 1, other 1, section 2, value 8, size 8.
        elf.Write(need.Value.Flags, 2, elf.Read(need.Value.Flags, 2) | WeakVersion);
        var at = symbols.Offset + 24 * anchor;
        elf.Write(at + 5, 1, HiddenSymbol);
        elf.Write(at + 6, 2, (ulong)text);
        elf.Write(at + 8, 8, code.Address + (ulong)(ret - code.Offset));
        elf.Write(at + 16, 8, 1);
        elf.Write(versions.Offset + 2 * anchor, 2, GlobalVersion);
        return true;
    }

    /// <summary>Reads <paramref name="source"/> and writes the changed copy, whole or not at all.</summary>
    /// <returns>False, and nothing is written, when there was nothing to change.</returns>
    public static bool ApplyToCopy(string source, string target)
    {
        var library = File.ReadAllBytes(source);
        if (!Apply(library)) return false;
        WriteWhole(target, library);
        return true;
    }

    /// <summary>Several projects may build at once, so the file appears under its name only when it is complete.</summary>
    public static void WriteWhole(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var unfinished = path + "." + Guid.NewGuid().ToString("N");
        try
        {
            File.WriteAllBytes(unfinished, content);
            if (File.Exists(path)) File.Replace(unfinished, path, null);
            else File.Move(unfinished, path);
        }
        catch (IOException) when (File.Exists(path) && File.Exists(unfinished))
        {
            File.Replace(unfinished, path, null); // another build was first
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>The entry of <see cref="Version"/> among the needed versions: where its flags stand and what number it has.</summary>
    private static (int Flags, ulong Index)? FindNeed(Elf elf, Section needs)
    {
        var names = elf.Linked(needs);
        // A list of files (16 bytes: version 2, count 2, name 4, first entry 4, next file 4), each with a list of versions
        // (16 bytes: hash 4, flags 2, number 2, name 4, next 4); "first" and "next" count from where the record begins.
        var file = needs.Offset;
        for (ulong next = 1; next != 0; file = elf.Forward(file, next))
        {
            var entry = elf.Forward(file, elf.Read(file + 8, 4));
            for (var left = elf.Read(file + 2, 2); left > 0; left--)
            {
                if (elf.Text(names, elf.Read(entry + 8, 4)) == Version) return (entry + 4, elf.Read(entry + 6, 2) & 0x7fff);
                entry = elf.Forward(entry, elf.Read(entry + 12, 4));
            }
            next = elf.Read(file + 12, 4);
        }
        return null;
    }

    private sealed class Section
    {
        public string Name = "";
        public ulong NameOffset, Type, Address, Link;
        public int Offset, Size;
    }

    /// <summary>The file's bytes with its section table; every access is checked against the file's length.</summary>
    private sealed class Elf
    {
        private readonly byte[] _bytes;

        public Elf(byte[] bytes)
        {
            _bytes = bytes;
            if (bytes.Length < 64 || Read(0, 4) != 0x464c457f) throw new InvalidDataException("it is not an ELF file");
            if (Read(4, 1) != 2 || Read(5, 1) != 1 || Read(18, 2) != X86_64)
                throw new InvalidDataException("it is not a 64-bit little-endian x86 library");

            var table = Read(40, 8);
            var entrySize = Read(58, 2);
            var count = Read(60, 2);
            if (entrySize != 64 || count == 0) throw new InvalidDataException($"its section table has {count} entries of {entrySize} bytes");
            for (ulong i = 0; i < count; i++)
            {
                var at = InFile(table, 64 * count) + 64 * (int)i;
                var type = Read(at + 4, 4);
                // Sections of type 8 (.bss) have a size but no bytes in the file, and the first one is empty.
                var size = type is 0 or 8 ? 0 : Read(at + 32, 8);
                Sections.Add(new Section
                {
                    NameOffset = Read(at, 4),
                    Type = type,
                    Address = Read(at + 16, 8),
                    Offset = size == 0 ? 0 : InFile(Read(at + 24, 8), size),
                    Size = (int)size,
                    Link = Read(at + 40, 4),
                });
            }
            var names = SectionAt(Read(62, 2));
            foreach (var section in Sections) section.Name = Text(names, section.NameOffset);
        }

        public List<Section> Sections { get; } = new List<Section>();

        public Section Single(uint type, string name)
        {
            var found = Sections.FindAll(s => s.Type == type);
            return found.Count == 1 ? found[0] : throw new InvalidDataException($"it has {found.Count} sections like {name}, 1 was expected");
        }

        /// <summary>The string table that a section names.</summary>
        public Section Linked(Section section) => SectionAt(section.Link);

        public ulong Read(int offset, int size)
        {
            InFile((ulong)offset, (ulong)size);
            ulong value = 0;
            for (var i = size - 1; i >= 0; i--) value = value << 8 | _bytes[offset + i];
            return value;
        }

        public void Write(int offset, int size, ulong value)
        {
            InFile((ulong)offset, (ulong)size);
            for (var i = 0; i < size; i++) _bytes[offset + i] = (byte)(value >> 8 * i);
        }

        public int Forward(int offset, ulong by) => InFile((ulong)offset + by, 0);

        public string Text(Section table, ulong offset)
        {
            if (offset >= (ulong)table.Size) throw new InvalidDataException($"a name lies outside its table (at {offset} of {table.Size})");
            var start = table.Offset + (int)offset;
            var end = Array.IndexOf(_bytes, (byte)0, start, table.Size - (int)offset);
            return end >= 0 ? Encoding.ASCII.GetString(_bytes, start, end - start) : throw new InvalidDataException("a name has no end");
        }

        private Section SectionAt(ulong index) =>
            index < (ulong)Sections.Count ? Sections[(int)index] : throw new InvalidDataException($"it names section {index} of {Sections.Count}");

        private int InFile(ulong offset, ulong size)
        {
            var length = (ulong)_bytes.Length;
            if (size > length || offset > length - size)
                throw new InvalidDataException($"it is truncated or damaged: {size} bytes at {offset} are named, it ends at {length}");
            return (int)offset;
        }
    }
}

#if !REMEDY_WITHOUT_TASK
/// <summary>The build step: writes the changed copy when this system needs one, and in any case a stamp that says what was decided.</summary>
public sealed class PrepareTorchSharpLibrary : Microsoft.Build.Utilities.Task
{
    /// <summary>The library as the package has it; it is only read.</summary>
    [Microsoft.Build.Framework.Required]
    public string Library { get; set; } = "";

    /// <summary>Where the changed copy goes, if one is needed.</summary>
    [Microsoft.Build.Framework.Required]
    public string Target { get; set; } = "";

    /// <summary>A text file with the decision; its date tells later builds that there is nothing to do.</summary>
    [Microsoft.Build.Framework.Required]
    public string Stamp { get; set; } = "";

    /// <summary>"auto" asks this system's libstdc++; "always" changes the library, for a program that will run elsewhere.</summary>
    public string Mode { get; set; } = "auto";

    public override bool Execute()
    {
        try
        {
            var newEnough = Mode != "always" && SystemIsNewEnough();
            var applied = !newEnough && LibstdcxxRemedy.ApplyToCopy(Library, Target);
            if (!applied && File.Exists(Target)) File.Delete(Target); // left by an earlier state of this system
            var decision = applied ? $"applied: {Target} no longer needs {LibstdcxxRemedy.Version}"
                : newEnough ? $"not needed: the system's libstdc++ has {LibstdcxxRemedy.Version}"
                : $"not needed: {Library} does not ask for {LibstdcxxRemedy.Version}";
            LibstdcxxRemedy.WriteWhole(Stamp, Encoding.UTF8.GetBytes(decision + "\n"));
            Log.LogMessage(Microsoft.Build.Framework.MessageImportance.Normal, "libstdc++ remedy " + decision);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Log.LogError($"The libstdc++ remedy cannot be applied to '{Library}': {e.Message}. " +
                "It knows the library of TorchSharp 0.107; see docs/platforms.md, and build with -p:LibstdcxxRemedy=never to go without.");
        }
        return !Log.HasLoggedErrors;
    }

    /// <summary>Asks the dynamic loader, as the library itself would. TorchSharp needs a glibc (2.34) whose libc has dlopen.</summary>
    private static bool SystemIsNewEnough()
    {
        try
        {
            var library = Open("libstdc++.so.6", 1);
            return library != IntPtr.Zero && Find(library, LibstdcxxRemedy.Symbol) != IntPtr.Zero;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc.so.6", EntryPoint = "dlopen")]
    private static extern IntPtr Open(string file, int flags);

    [DllImport("libc.so.6", EntryPoint = "dlsym")]
    private static extern IntPtr Find(IntPtr library, string symbol);
}
#endif
