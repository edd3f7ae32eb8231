using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Runtime.Versioning;

namespace ArTar.Sweeps.Tests.Slurm;

/// <summary>
/// A real SLURM of two nodes on this machine, with folders and ports of its own: munged, slurmctld and two slurmd, all on the loopback.
/// </summary>
public sealed class SlurmCluster : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, Process> daemons = [];
    private readonly ManualResetEvent ended = new(false);
    private readonly Thread? administrator;

    /// <summary>Starts the daemons and waits until both nodes are there.</summary>
    [UnsupportedOSPlatform("windows")]
    public SlurmCluster()
    {
        Requires.That(IsInstalled, "SLURM", "sudo apt-get install slurm-wlm munge");
        Requires.That(Environment.IsPrivilegedProcess, "the right to start SLURM's daemons", "run the tests as root");
        // Steps are killed here; those of a real cluster must not be among them.
        Requires.That(Process.GetProcessesByName("slurmd").Length == 0, "a machine that is no node of a cluster", "stop the slurmd that runs here");
        foreach (var name in new[] { "state", "log", "run", "spool/n1", "spool/n2" })
            Directory.CreateDirectory(folder[name]);
        var ports = FreePorts(3);
        File.WriteAllText(ConfigurationFile, Configuration(ports));
        File.WriteAllBytes(folder["munge.key"], RandomNumberGenerator.GetBytes(128));
        File.SetUnixFileMode(folder["munge.key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(folder["run"], (UnixFileMode)0b111_101_101);
        // For all that this process starts: no other tests use SLURM's commands.
        Environment.SetEnvironmentVariable("SLURM_CONF", ConfigurationFile);
        Start("munged", "munged", "-F", "--force", $"--socket={folder["run/munge.sock"]}", $"--key-file={folder["munge.key"]}", $"--pid-file={folder["run/munged.pid"]}",
            $"--log-file={folder["log/munged.log"]}", $"--seed-file={folder["run/munged.seed"]}");
        Sweeping.Until(() => File.Exists(folder["run/munge.sock"]), "munged's socket");
        StartController();
        StartNode("n1");
        StartNode("n2");
        Sweeping.Until(() => Nodes("%t") is ["idle", "idle"], "two idle nodes");
        administrator = new(() =>
        {
            while (!ended.WaitOne(TimeSpan.FromSeconds(2)))
                Resume();
        });
        administrator.Start();
    }

    public static bool IsInstalled => new[] { "sbatch", "slurmctld", "slurmd", "munged" }.All(name =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':').Any(p => File.Exists(Path.Combine(p, name))));

    private static string[] Nodes(string format) => Run("sinfo", "-h", "-N", "-p", "main", "-o", format).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string ConfigurationFile => folder["slurm.conf"];

    public void StartController() => Start("slurmctld", "slurmctld", "-D");

    public void StartNode(string name) => Start(name, "slurmd", "-D", "-N", name);

    /// <summary>Waits until both nodes take jobs.</summary>
    public static void Mend() => Sweeping.Until(() =>
    {
        Resume();
        return Nodes("%T") is [_, _] states && states.All(s => s is "idle" or "mixed" or "allocated" or "completing" or "planned");
    }, "two nodes that take jobs", State);

    /// <summary>
    /// Puts nodes into service again, as an administrator looks after a cluster. One that comes back while its jobs still run is taken out of it by the
    /// controller ("Duplicate jobid"), and on a busy machine one may be silent for so long that it is given up, at any moment of any test.
    /// </summary>
    private static void Resume()
    {
        foreach (var node in Nodes("%N %T").Select(l => l.Split(' ')).Where(n => n[1].Contains("drain", StringComparison.Ordinal) || n[1].Contains("down", StringComparison.Ordinal)))
            Run("scontrol", "update", $"nodename={node[0]}", "state=resume");
    }

    /// <summary>Cancels whatever is queued or runs, and waits for two idle nodes.</summary>
    public static void Empty()
    {
        Run("scancel", "--me");
        Sweeping.Until(() =>
        {
            Mend();
            return Run("squeue", "-h").Output.Length == 0 && Nodes("%T") is ["idle", "idle"];
        }, "an empty cluster", State);
    }

    /// <summary>Nodes and jobs as they stand, for when a test fails.</summary>
    public static string State() => Run("sinfo", "-N", "-o", "%N %P %T %E").Output + Run("squeue").Output;

    /// <summary>Ends a daemon as a power cut would.</summary>
    public void Kill(string daemon)
    {
        daemons[daemon].Kill();
        daemons[daemon].WaitForExit();
    }

    /// <summary>
    /// Ends the controller as a power cut would, once it has stored how that job stands: it does so with a delay, and one that has forgotten its last
    /// tasks gives their numbers to the next ones, which the nodes refuse.
    /// </summary>
    public void KillController(string job)
    {
        var mark = $"stored-{Guid.NewGuid():N}";
        var marked = Run("scontrol", "update", $"jobid={job}", $"comment={mark}");
        Assert.True(marked.Code == 0, marked.Errors);
        Sweeping.Until(Stored, "the controller's stored state", State);
        Kill("slurmctld");

        bool Stored()
        {
            try
            {
                return File.ReadAllText(folder["state/job_state"]).Contains(mark, StringComparison.Ordinal);
            }
            catch (FileNotFoundException)
            {
                return false; // It is just being replaced.
            }
        }
    }

    /// <summary>Runs a command of SLURM against this cluster.</summary>
    internal static Said Run(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return Artar.Finish(process);
    }

    /// <summary>What the daemons wrote, for when a test fails.</summary>
    public string Log(string name) => File.Exists(folder[$"log/{name}.log"]) ? File.ReadAllText(folder[$"log/{name}.log"]) : "";

    /// <summary>Ends the managers of all steps on both nodes, as a power cut would.</summary>
    public static void KillSteps()
    {
        foreach (var process in Process.GetProcesses().Where(p => p.ProcessName.StartsWith("slurmstepd", StringComparison.Ordinal)))
            try
            {
                process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }
    }

    public void Dispose()
    {
        ended.Set();
        administrator?.Join();
        ended.Dispose();
        if (daemons.Count > 0)
            Run("scancel", "--me", "--signal=KILL", "--full");
        foreach (var daemon in daemons.Values.Reverse())
        {
            try
            {
                daemon.Kill(entireProcessTree: false);
            }
            catch (InvalidOperationException)
            {
                // It has ended.
            }
            daemon.WaitForExit();
            daemon.Dispose();
        }
        if (daemons.Count > 0)
            KillSteps();
        folder.Dispose();
    }

    private void Start(string name, string program, params string[] arguments)
    {
        var path = File.Exists($"/usr/sbin/{program}") ? $"/usr/sbin/{program}" : program;
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        daemons[name] = process;
    }

    private static List<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ =>
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return listener;
        }).ToList();
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToList();
        listeners.ForEach(l => l.Stop());
        return ports;
    }

    private string Configuration(List<int> ports) => string.Create(CultureInfo.InvariantCulture, $"""
        ClusterName=lab
        SlurmctldHost=localhost(127.0.0.1)
        SlurmctldPort={ports[0]}
        SlurmUser=root
        AuthType=auth/munge
        CredType=cred/munge
        AuthInfo=socket={folder["run/munge.sock"]}
        CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
        StateSaveLocation={folder["state"]}
        SlurmdSpoolDir={folder["spool"]}/%n
        SlurmctldPidFile={folder["run/slurmctld.pid"]}
        SlurmdPidFile={folder["run"]}/slurmd-%n.pid
        SlurmctldLogFile={folder["log/slurmctld.log"]}
        SlurmdLogFile={folder["log"]}/slurmd-%n.log
        ProctrackType=proctrack/linuxproc
        TaskPlugin=task/none
        JobAcctGatherType=jobacct_gather/none
        AccountingStorageType=accounting_storage/none
        SwitchType=switch/none
        MpiDefault=none
        MailProg=/bin/true
        SelectType=select/cons_tres
        SelectTypeParameters=CR_Core
        SchedulerType=sched/backfill
        SchedulerParameters=batch_sched_delay=1,sched_interval=1,bf_interval=1
        SlurmdParameters=config_overrides
        ReturnToService=2
        SlurmctldTimeout=30
        SlurmdTimeout=5
        MinJobAge=86400
        MaxArraySize=1001
        MaxJobCount=20000
        PriorityType=priority/basic
        PreemptType=preempt/partition_prio
        PreemptMode=REQUEUE
        JobRequeue=1
        NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=1000
        NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=1000
        PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
        PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF

        """);
}
