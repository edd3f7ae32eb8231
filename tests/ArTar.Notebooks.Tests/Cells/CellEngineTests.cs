using System.Text.Json.Nodes;
using ArTar.Notebooks.Cells;

namespace ArTar.Notebooks.Tests.Cells;

public sealed class CellEngineTests : IDisposable
{
    private readonly Engine engine = new();

    public void Dispose() => engine.Dispose();

    [Fact]
    public void The_last_expression_is_the_value_and_a_statement_has_none()
    {
        Assert.Equal("3", engine.Value("1 + 2"));
        Assert.Equal("abc", engine.Value("var s = \"ab\";\ns + \"c\""));
        Assert.Null(engine.Value("var t = 1;"));
        Assert.Null(engine.Value("Console.WriteLine();"));
        Assert.Null(engine.Value(""));
        Assert.Null(engine.Value("// nothing"));
        Assert.Equal("5", engine.Value("await Task.FromResult(5)"));
        Assert.Equal("0.5", engine.Value("1 / 2.0"));
    }

    [Fact]
    public void Later_cells_see_variables_methods_types_and_usings()
    {
        engine.Value("using System.Text.Json;\nint a = 2; int Twice(int x) => 2 * x;\nrecord Point(int X, int Y);");
        engine.Value("var anonymous = new { Name = \"n\" };");
        Assert.Equal("4", engine.Value("Twice(a)"));
        Assert.Equal("{\"X\":1,\"Y\":4}", engine.Value("JsonSerializer.Serialize(new Point(1, Twice(a)))"));
        engine.Value("a = 10;");
        Assert.Equal("20", engine.Value("var a2 = Twice(a); a2"));
        Assert.Equal("n", engine.Value("anonymous.Name"));
        engine.Value("var a = \"now a text\";");
        Assert.Equal("10", engine.Value("a.Length"));
        engine.Value("using System.Numerics;");
        Assert.Equal("<1, 2>", engine.Value("new Vector2(1, 2)"));
    }

    [Fact]
    public void A_cell_that_does_not_compile_changes_nothing_and_says_where()
    {
        engine.Value("var a = 1;");
        var error = engine.Error("a = 2;\nvar b = a;\n   a = undefined + 1;");
        Assert.Equal(("CS0103", 3), (error.Name, error.Line));
        Assert.Equal("The name 'undefined' does not exist in the current context", error.Message);
        Assert.Equal(
            ["In[2], line 3, column 8: error CS0103: The name 'undefined' does not exist in the current context", "     a = undefined + 1;", "         ^"],
            error.Trace);
        Assert.Equal("1", engine.Value("a"));
        Assert.Equal("CS0103", engine.Error("b").Name);
    }

    [Fact]
    public void An_exception_has_the_cells_own_lines_and_no_frames_of_the_engine()
    {
        engine.Value("\nint Fails(int x)\n{\n    var y = 0;\n    return x / y;\n}");
        var error = engine.Error("var before = 7;\n\nvar z =\n    Fails(1);\nvar after = 8;");
        Assert.Equal(("DivideByZeroException", 5), (error.Name, error.Line));
        Assert.Equal(["DivideByZeroException: Attempted to divide by zero.", "   at Fails, In[1], line 5", "   at In[2], line 4"], error.Trace);
        Assert.Equal("7", engine.Value("before"));
        Assert.Equal("0", engine.Value("after"));
    }

    [Theory]
    [InlineData("await Task.Delay(1);\nthrow new InvalidOperationException(\"late\");", 2)]
    [InlineData("async Task F()\n{\n  await Task.Yield();\n  throw new InvalidOperationException(\"late\");\n}\nawait F();", 4)]
    [InlineData("Action f = () =>\n  throw new InvalidOperationException(\"late\");\nf();", 2)]
    [InlineData("await Task.Run(() =>\n{\n  throw new InvalidOperationException(\"late\");\n});", 3)]
    [InlineData("class C { public C()\n{ throw new InvalidOperationException(\"late\"); } }\nnew C()", 2)]
    [InlineData("Enumerable.Range(0, 3).Select(i =>\n i > 1 ? throw new InvalidOperationException(\"late\") : i)", 2)]
    [InlineData("\nforeach (var x in new[] { 1 })\n    Task.Run(() => { throw new InvalidOperationException(\"late\"); }).Wait();", 3)]
    public void The_line_is_known_wherever_the_exception_comes_from(string code, int line)
    {
        var error = engine.Error(code);
        Assert.Equal(("InvalidOperationException", "late", line), (error.Name, error.Message, error.Line));
        Assert.DoesNotContain(error.Trace, frame => frame.Contains("Submission#", StringComparison.Ordinal) || frame.Contains("ArTar.Notebooks", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fault_that_the_user_can_mend_shows_its_message_and_the_cells_line_alone()
    {
        var error = engine.Error("\n_ = Profile.Get(\"quik\");");
        Assert.Equal(("WorkbenchException", 2), (error.Name, error.Line));
        Assert.Equal(2, error.Trace.Count);
        Assert.Equal("   at In[1], line 2", error.Trace[1]);
    }

    [Fact]
    public void Console_output_comes_in_order_with_what_is_displayed()
    {
        engine.Value("Console.Write(\"a\"); Console.Error.Write(\"b\"); 5.Display(); Console.WriteLine(\"c\"); var d = \"x\".Display(); d.Update(\"y\");");
        var shown = engine.Outputs.Select(o => o switch
        {
            CellOutput.Text text => $"{text.Stream} {text.Content}",
            CellOutput.Display display => $"{(display.IsUpdate ? "update" : "display")} {display.Bundle.Data["text/plain"]}",
            _ => "",
        });
        Assert.Equal(["stdout a", "stderr b", "display 5", "stdout c\n", "display x", "update y"], shown);
        var displays = engine.Outputs.OfType<CellOutput.Display>().ToList();
        Assert.Equal(displays[1].Id, displays[2].Id);
        Assert.NotEqual(displays[0].Id, displays[1].Id);
    }

    [Fact]
    public void Text_is_whole_whoever_writes_it_and_however_much()
    {
        engine.Value("Parallel.For(0, 2000, i => Console.WriteLine(new string((char)('a' + i % 26), 500)));");
        var lines = engine.Printed().Split('\n');
        Assert.Equal(2001, lines.Length);
        Assert.All(lines[..^1], line => Assert.True(line.Length == 500 && line.Distinct().Count() == 1));

        engine.Value("for (var i = 0; i < 500_000; i++) Console.Write(\"0123456789\");");
        Assert.Equal(2000 * 501 + 5_000_000, engine.Printed().Length);
    }

    [Fact]
    public void Output_without_end_is_cut_with_a_notice_and_the_cell_runs_on()
    {
        Assert.Equal("done", engine.Value("for (var i = 0; i < 20_000_000; i++) Console.Write(\"0123456789\");\n\"done\""));
        Assert.InRange(engine.Printed().Length, 8_000_000, 10_000_000);
        Assert.Contains("shown more than 10 million characters", engine.Printed("stderr"), StringComparison.Ordinal);
        engine.Outputs.Clear();
        engine.Value("for (var i = 0; i < 300; i++) new string('x', 100_000).Display();");
        Assert.InRange(engine.Outputs.Count, 90, 101);
        engine.Value("Console.Write(\"the next cell\");");
        Assert.Equal("the next cell", engine.Printed());
    }

    [Fact]
    public void What_a_cell_left_running_still_prints_to_it()
    {
        engine.Value("async Task Later() { await Task.Delay(100); Console.Write(\"later\"); }\nvar left = Later();");
        Assert.Null(engine.Value("await left;"));
        SpinWait.SpinUntil(() => engine.Printed() == "later", Engine.Patience);
        Assert.Equal("later", engine.Printed());
    }

    [Fact]
    public async Task Two_engines_do_not_see_each_others_output()
    {
        using var other = new Engine();
        await Task.WhenAll(engine.Start("for (var i = 0; i < 1000; i++) Console.Write('a');"), other.Start("for (var i = 0; i < 1000; i++) Console.Write('b');"));
        Assert.Equal((new string('a', 1000), new string('b', 1000)), (engine.Printed(), other.Printed()));
    }

    [Theory]
    [InlineData("async Task<int> F() { await Task.Delay(20); return 7; }\nF().Result")]
    [InlineData("async Task<int> F() { await Task.Yield(); return 7; }\nvar t = F();\nt.Wait();\nt.Result")]
    [InlineData("Task.Run(async () => { await Task.Delay(10); return 7; }).GetAwaiter().GetResult()")]
    [InlineData("Task<int> Started() => Task.Factory.StartNew(() => 7);\nawait Task.Delay(1);\nStarted().Result")]
    public void A_task_that_the_cell_made_can_be_waited_for(string code) => Assert.Equal("7", engine.Value(code));

    [Fact]
    public void Directives_import_scripts_and_refuse_what_is_unknown()
    {
        var folder = Directory.CreateTempSubdirectory("cells ").FullName;
        using var here = new Engine(folder);
        File.WriteAllText(Path.Combine(folder, "helpers.csx"), "using System.Text;\nint Seven() => 7;\n");
        File.WriteAllText(Path.Combine(folder, "broken.csx"), "\nint Seven( => 7;\n");
        Assert.Equal("7", here.Value("#!import helpers.csx\nSeven()"));
        Assert.Equal("7", here.Value("#load \"helpers.csx\"\nSeven()"));
        Assert.Null(here.Value("#!import ../artifacts/notebook/setup.csx"));
        Assert.StartsWith("broken.csx, line 2, column ", here.Error("#!import broken.csx").Trace[0], StringComparison.Ordinal);
        Assert.Contains("there is no file", here.Error("#!import gone.csx").Message, StringComparison.Ordinal);
        Assert.Contains("Line 2: #!time is another host's. Here: var watch", here.Error("\n#!time").Message, StringComparison.Ordinal);
        Assert.Contains("'#!share' in line 3 is unknown", here.Error("\n\n#!share x").Message, StringComparison.Ordinal);
        Assert.Contains("this kernel fetches no packages", here.Error("#r \"nuget: Humanizer, 2.14.1\"").Message, StringComparison.Ordinal);
        Assert.Equal(3, here.Error("#!csharp\n\nthrow new Exception();").Line);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("var s = \"\"\"\n    #!/bin/bash\n    #r \"nuget: X\"\n    \"\"\";\ns.Length", "25")]
    [InlineData("var s = @\"\n#!time\";\ns.Trim()", "#!time")]
    [InlineData("/*\n#!import gone.csx\n*/\n7", "7")]
    [InlineData("// #!import gone.csx\n7", "7")]
    [InlineData("$@\"\n#!forget {1 + 1}\".Trim()", "#!forget 2")]
    public void In_strings_and_comments_a_directive_is_text(string code, string expected) => Assert.Equal(expected, engine.Value(code));

    [Fact]
    public void What_cells_of_other_hosts_call_works_or_says_what_to_write()
    {
        engine.Value("display(5); display(HTML(\"<b>x</b>\")); display(\"old\").Update(\"new\");");
        Assert.Equal(["5", "<b>x</b>", "old", "new"], engine.Outputs.OfType<CellOutput.Display>().Select(d => (string?)d.Bundle.Data["text/html"] ?? (string?)d.Bundle.Data["text/plain"]));
        Assert.Equal("Chart", engine.Value("using Plotly.NET.CSharp;\nChart.Point<int, int, string>(new[] { 1 }, new[] { 2 }).GetType().Name"));
    }

    [Fact]
    public void Arrays_of_two_dimensions_are_grids_and_of_more_are_nested()
    {
        var grid = engine.Run("new[,] { { 1, 20, 3 }, { -4, 5, 6 } }").Value!.Data;
        Assert.Equal(" 1  20   3\n-4   5   6", (string?)grid["text/plain"]);
        Assert.Equal(2, ((string)grid["text/html"]!).Split("<tr>").Length - 1);
        Assert.Equal("[[[0, 1]], [[2, 3]]]", engine.Value("new[,,] { { { 0, 1 } }, { { 2, 3 } } }"));
        Assert.Contains("the first of 1000 rows and 200 columns", engine.Value("new double[1000, 200]"), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_shown_and_older_values_are_let_go()
    {
        engine.Value("var big = new byte[50_000_000]; var first = new WeakReference(big);");
        engine.Value("var big = new byte[50_000_000];");
        Assert.Contains("1 older value is kept", engine.Value("#!memory"), StringComparison.Ordinal);
        Assert.StartsWith("let go of 1 older value\n", engine.Value("#!forget"), StringComparison.Ordinal);
        Assert.Equal("50000000 False", engine.Value("GC.Collect(); GC.WaitForPendingFinalizers(); $\"{big.Length} {first.IsAlive}\""));
        Assert.DoesNotContain("older", engine.Value("#!memory"), StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_of_the_runtime_stand_back()
    {
        Assert.Equal(["InvalidOperationException: Sequence contains no elements", "   at System.Linq.Enumerable.First(IEnumerable`1)", "   at In[1], line 2"], engine.Error("\nnew int[0].First()").Trace);
        Assert.Equal(["FormatException: The input string 'x' was not in a correct format.", "   at System.Int32.Parse(String)", "   at F, In[2], line 1", "   at In[2], line 2"], engine.Error("int F() => int.Parse(\"x\");\nF()").Trace);
    }

    [Fact]
    public void References_by_path_are_the_hosts_own_copy_when_it_has_one()
    {
        var path = typeof(ArTar.Workbench.Workspace).Assembly.Location;
        engine.Value($"#r \"{path}\"\nvar found = typeof(ArTar.Workbench.Workspace);");
        Assert.Equal("True", engine.Value($"found.Assembly.Location == @\"{path}\" && System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(found.Assembly) == System.Runtime.Loader.AssemblyLoadContext.Default"));
        Assert.Equal("CS0006", engine.Error("#r \"nowhere.dll\"").Name);
    }

    [Fact]
    public void Forgotten_variables_let_go_of_every_value_that_they_had()
    {
        engine.Value("var big = new byte[1000]; var first = new WeakReference(big);");
        engine.Value("var big = new byte[1000]; var second = new WeakReference(big);");
        engine.Value("#!forget big");
        Assert.Equal("False False", engine.Value("for (var i = 0; i < 5; i++) { GC.Collect(); GC.WaitForPendingFinalizers(); }\n$\"{first.IsAlive} {second.IsAlive}\""));
        Assert.Contains("no cell has declared", engine.Error("#!forget bog").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_show_by_their_own_HTML_as_tables_or_as_text()
    {
        Assert.Equal("<b>x</b>", (string?)engine.Run("class Bold { public string ToHtml() => \"<b>x</b>\"; public override string ToString() => \"x\"; }\nnew Bold()").Value!.Data["text/html"]);
        var table = engine.Run("new[] { (1, \"<a>\"), (2, \"b\") }.Select(p => new { Id = p.Item1, Name = p.Item2 })").Value!.Data;
        Assert.Equal("<table><thead><tr><th>Id</th><th>Name</th></tr></thead><tbody><tr><td>1</td><td>&lt;a&gt;</td></tr><tr><td>2</td><td>b</td></tr></tbody></table>", (string?)table["text/html"]);
        Assert.Equal("[1, 2, 3]", engine.Value("new List<int> { 1, 2, 3 }"));
        Assert.EndsWith("49, …]", engine.Value("IEnumerable<int> Endless() { var i = 0; while (true) yield return i++; }\nEndless()")!, StringComparison.Ordinal);
        Assert.Equal("{ a: 1.5 }", engine.Value("new Dictionary<string, double> { [\"a\"] = 1.5 }"));
        Assert.Equal("FileNotFoundException: gone", engine.Value("new FileNotFoundException(\"gone\")"));
        Assert.Equal("InvalidOperationException", engine.Error("class Bad { public override string ToString() => throw new InvalidOperationException(); }\nnew Bad()").Name);
    }

    [Fact]
    public void Completion_knows_members_names_and_what_cells_declared()
    {
        engine.Value("var corpusOfMine = \"text\"; record Pair(int Left, int Right); var pair = new Pair(1, 2);");
        Assert.Contains("corpusOfMine", engine.Cells.Complete("var x = corp", 12).Names);
        var members = engine.Cells.Complete("1.ToString();\npair.L", 20);
        Assert.Equal(["Left"], members.Names);
        Assert.Equal((19, 20), (members.Start, members.End));
        Assert.Contains("Select", engine.Cells.Complete("corpusOfMine.Sel", 16).Names);
        Assert.Contains("WriteLine", engine.Cells.Complete("Console.", 8).Names);
        Assert.DoesNotContain("corpusOfMine", engine.Cells.Complete("// corp", 7).Names);
        Assert.Empty(engine.Cells.Complete("\"corp", 5).Names);
        Assert.Contains("Length", engine.Cells.Complete("corpusOfMine?.Len", 17).Names);
        Assert.Contains("Display", engine.Cells.Complete("pair.Di", 7).Names);
        // Its own members come first, what everything has comes last.
        Assert.Equal(["Deconstruct", "Left", "Right"], engine.Cells.Complete("pair.", 5).Names.Take(3));
        Assert.Contains(engine.Cells.Complete("pair.", 5).Names.TakeLast(4), n => n == "GetHashCode");
        Assert.Equal([("Left", "property")], engine.Cells.Complete("pair.Lef", 8).Items.Select(i => (i.Name, i.Kind)));
        Assert.Equal(["variable", "class", "method"], new[] { "corpusOfMine", "Workspace", "Display" }.Select((name, i) => engine.Cells.Complete(i == 2 ? "pair.Display" : name, i == 2 ? 12 : name.Length).Items.First(s => s.Name == name).Kind));
        Assert.Contains("count:", engine.Cells.Complete("Enumerable.Range(0, c", 21).Names);
        Assert.DoesNotContain("CellOutputs", engine.Cells.Complete("Cell", 4).Names);
        Assert.DoesNotContain("DropoutMask", engine.Cells.Complete("Dropout", 7).Names);
    }

    [Fact]
    public void Inspection_shows_declarations_and_documentation()
    {
        engine.Value("var ratio = 1.5; var words = new List<string> { \"a\" };");
        Assert.Equal("double ratio = 1.5", engine.Cells.Inspect("ratio * 2", 2));
        Assert.Equal("List<string> words = [a]", engine.Cells.Inspect("words", 5));
        Assert.Contains("StringReader.StringReader(string s)", engine.Cells.Inspect("new StringReader(", 17), StringComparison.Ordinal);
        Assert.StartsWith("Workspace Workspace.Find()\nFinds the workspace", engine.Cells.Inspect("var w = Workspace.Find();", 22), StringComparison.Ordinal);
        var overloads = engine.Cells.Inspect("Math.Max", 8)!.Split('\n');
        Assert.Contains("int Math.Max(int val1, int val2)", overloads);
        Assert.Contains("double Math.Max(double val1, double val2)", overloads);
        Assert.Equal("int Math.Max(int val1, int val2)", engine.Cells.Inspect("Math.Max(1, 2)", 8)!.Split('\n')[0]);
        Assert.Null(engine.Cells.Inspect("", 0));
        Assert.Null(engine.Cells.Inspect("nothing", 3));
    }

    [Theory]
    [InlineData("1 + 1", "complete")]
    [InlineData("if (true)", "incomplete")]
    [InlineData("var s = @\"open", "incomplete")]
    [InlineData("foreach (var x in y) {", "incomplete")]
    [InlineData("int int int;", "invalid")]
    [InlineData("", "complete")]
    public void Completeness(string code, string expected) => Assert.Equal(expected, CellEngine.IsComplete(code));

    [Fact]
    public async Task Engines_side_by_side_do_not_confuse_each_others_types()
    {
        // The kernel warms up beside the first cell. Symbols of two compilers that start at once were seen to get mixed.
        for (var round = 0; round < 3; round++)
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                using var engine = new Engine();
                Assert.Null((await engine.Start("var store = new RunStore(\"nowhere\");")).Error);
                var result = await engine.Start("store.All().Count()");
                Assert.Equal("0", result.Error?.Message ?? (string?)result.Value!.Data["text/plain"]);
            })));
    }
}
