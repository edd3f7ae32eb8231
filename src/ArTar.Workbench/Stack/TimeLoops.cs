using TorchSharp;

namespace ArTar.Workbench.Stack;

/// <summary>
/// What has to go step by step: the loop over time, forward and back, for R layers at once. Everything else of a layer is one product over
/// the whole window (<see cref="StackedLayer"/>).
/// </summary>
/// <remarks>
/// It is TorchScript, so that nothing returns to C# between two operations. On CUDA a cell is one kernel of libtorch's, which has no form
/// for processors; there the same equations stand as plain operations. Inside a loop time comes first, so that a step is one block of
/// memory; outside the run does.
/// </remarks>
internal static class TimeLoops
{
    private static readonly Lazy<torch.jit.CompilationUnit> compiled = new(() => torch.jit.compile(Script));

    /// <summary>Calls one of the functions below.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="arguments">Tensors in its order.</param>
    /// <returns>The tensors of its list, owned by the current dispose scope.</returns>
    public static torch.Tensor[] Run(string function, params object[] arguments) =>
        (torch.Tensor[])compiled.Value.invoke(function, arguments);

    private const string Script = """
        # x [R, T, B, G*H]  what the input adds to the gates' sums      W [R, G*H, H]  the weight from h of the step before
        # h, c [R, B, H]    the state before the window                 b [R, 1, G*H]  biases

        def time_first(x: Tensor, b: Tensor) -> Tensor:
            sums = x.new_empty([x.size(1), x.size(0), x.size(2), x.size(3)])
            return torch.add(x.transpose(0, 1), b, out=sums)                                 # [T, R, B, G*H]

        # ---- LSTM: i, f, o = sigmoid, g = tanh of their sums; c = f c' + i g; h = o tanh(c) ----

        def lstm_cell(x: Tensor, s: Tensor, c: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
            if x.is_cuda:
                return torch._thnn_fused_lstm_cell(x, s, c)
            i, f, g, o = (x + s).chunk(4, 1)                                                 # [R*B, H] each
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            return o * c.tanh(), c, torch.cat([i, f, g, o], 1)

        def lstm_cell_back(dh: Tensor, dc: Tensor, before: Tensor, c: Tensor, gates: Tensor) -> Tuple[Tensor, Tensor]:
            if dh.is_cuda:
                d, dc, _ = torch._thnn_fused_lstm_cell_backward_impl(dh, dc, before, c, gates, False)
                return d, dc
            i, f, g, o = gates.chunk(4, 1)
            tanh = c.tanh()
            dc = dc + dh * o * (1 - tanh * tanh)
            d = [dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g * g), dh * tanh * o * (1 - o)]
            return torch.cat(d, 1), dc * f

        def lstm(x: Tensor, b: Tensor, W: Tensor, h: Tensor, c: Tensor) -> List[Tensor]:
            R, B, H = h.size(0), h.size(1), h.size(2)
            W = W.transpose(1, 2)
            c = c.reshape(R * B, H)
            hs, cs = [h], [c]
            gates: List[Tensor] = []
            for sums in time_first(x, b).unbind(0):
                y, c, g = lstm_cell(sums.view(R * B, 4 * H), torch.bmm(h, W).view(R * B, 4 * H), c)
                h = y.view(R, B, H)
                hs.append(h)
                cs.append(c)
                gates.append(g)
            return [torch.stack(hs, 1), c.view(R, B, H), torch.stack(cs), torch.stack(gates)]

        # dh [R, T, B, H], the gradient of the output; it may be overwritten -> that of the sums, [R, T, B, 4H]
        def lstm_back(dh: Tensor, W: Tensor, cs: Tensor, gates: Tensor) -> List[Tensor]:
            R, T, B, H = dh.size(0), dh.size(1), dh.size(2), dh.size(3)
            steps, memories, saved = dh.transpose(0, 1).contiguous().unbind(0), cs.unbind(0), gates.unbind(0)
            dc = torch.zeros_like(memories[0])
            ds: List[Tensor] = []
            for k in range(T):
                t = T - 1 - k
                d, dc = lstm_cell_back(steps[t].view(R * B, H), dc, memories[t], memories[t + 1], saved[t])
                ds.append(d.view(R, B, 4 * H))
                if t > 0:
                    steps[t - 1].baddbmm_(ds[-1], W)
            ds.reverse()
            return [torch.stack(ds, 1)]

        # ---- GRU: r, z = sigmoid of their sums; n = tanh(x's part + r times h's part); h = (1 - z) n + z h' ----

        def gru_cell(x: Tensor, s: Tensor, h: Tensor) -> Tuple[Tensor, Tensor]:
            if x.is_cuda:
                return torch._thnn_fused_gru_cell(x, s, h)
            xr, xz, xn = x.chunk(3, 1)
            sr, sz, sn = s.chunk(3, 1)
            r, z = (xr + sr).sigmoid(), (xz + sz).sigmoid()
            n = (xn + r * sn).tanh()
            return n + z * (h - n), torch.cat([r, z, n, h, sn], 1)

        def gru_cell_back(dh: Tensor, saved: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
            if dh.is_cuda:
                dx, ds, back, _, _ = torch._thnn_fused_gru_cell_backward(dh, saved, False)
                return dx, ds, back
            r, z, n, h, sn = saved.chunk(5, 1)
            dn = dh * (1 - z) * (1 - n * n)
            dz = dh * (h - n) * z * (1 - z)
            dr = dn * sn * r * (1 - r)
            return torch.cat([dr, dz, dn], 1), torch.cat([dr, dz, dn * r], 1), dh * z

        def gru(x: Tensor, b: Tensor, W: Tensor, h: Tensor, bh: Tensor) -> List[Tensor]:
            R, B, H = h.size(0), h.size(1), h.size(2)
            W = W.transpose(1, 2)
            hs = [h]
            saved: List[Tensor] = []
            for sums in time_first(x, b).unbind(0):
                s = torch.baddbmm(bh, h, W)
                y, g = gru_cell(sums.view(R * B, 3 * H), s.view(R * B, 3 * H), h.reshape(R * B, H))
                h = y.view(R, B, H)
                hs.append(h)
                saved.append(g)
            return [torch.stack(hs, 1), torch.stack(saved)]

        # -> the gradients of the input's and of the state's sums, [R, T, B, 3H] each
        def gru_back(dh: Tensor, W: Tensor, saved: Tensor) -> List[Tensor]:
            R, T, B, H = dh.size(0), dh.size(1), dh.size(2), dh.size(3)
            steps, cells = dh.transpose(0, 1).contiguous().unbind(0), saved.unbind(0)
            dxs: List[Tensor] = []
            dss: List[Tensor] = []
            for k in range(T):
                t = T - 1 - k
                dx, ds, back = gru_cell_back(steps[t].view(R * B, H), cells[t])
                dxs.append(dx.view(R, B, 3 * H))
                dss.append(ds.view(R, B, 3 * H))
                if t > 0:
                    steps[t - 1].add_(back.view(R, B, H)).baddbmm_(dss[-1], W)
            dxs.reverse()
            dss.reverse()
            return [torch.stack(dxs, 1), torch.stack(dss, 1)]

        # ---- tanh RNN: h = tanh of the sum ----

        def tanh(x: Tensor, b: Tensor, W: Tensor, h: Tensor) -> List[Tensor]:
            W = W.transpose(1, 2)
            hs = [h]
            for sums in time_first(x, b).unbind(0):
                h = sums.baddbmm_(h, W).tanh_()
                hs.append(h)
            return [torch.stack(hs, 1)]

        def tanh_back(dh: Tensor, W: Tensor, states: Tensor) -> List[Tensor]:
            T = dh.size(1)
            steps, hs = dh.transpose(0, 1).contiguous().unbind(0), states.unbind(1)
            ds: List[Tensor] = []
            for k in range(T):
                t = T - 1 - k
                ds.append(steps[t] * (1 - hs[t + 1] * hs[t + 1]))                            # [R, B, H]
                if t > 0:
                    steps[t - 1].baddbmm_(ds[-1], W)
            ds.reverse()
            return [torch.stack(ds, 1)]

        """;
}
