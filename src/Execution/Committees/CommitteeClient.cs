// CommitteeClient: asks all signers at once, believes no answer it has not checked, assembles.
using System.Collections.Immutable;
using Lockstep.Crypto;

namespace Lockstep.Execution.Committees;

/// <summary>Asks one signer; null or an exception of the network where it gave no answer.</summary>
public delegate ValueTask<VoteAnswer?> AskSigner(VoteRequest request, CancellationToken cancel);

/// <summary>What a committee said.</summary>
/// <param name="Proof">The certificate, for the chains; null where fewer than the quorum signed.
/// </param>
/// <param name="Refusals">Why each of the others did not, in words.</param>
public sealed record CommitteeAnswer(byte[]? Proof, ImmutableArray<string> Refusals);

/// <summary>A committee, asked from outside.</summary>
/// <param name="committee">Its members.</param>
/// <param name="signers">How each is asked.</param>
/// <param name="timeout">How long an answer may take.</param>
/// <param name="clock">For the timeout.</param>
public sealed class CommitteeClient(
    Committee committee, IReadOnlyDictionary<EvmAddress, AskSigner> signers, TimeSpan timeout,
    TimeProvider clock)
{
    private const int MaxWords = 300;

    /// <summary>A vote that its signer made, or why there is none.</summary>
    private sealed record Answered(EvmAddress Signer, EcdsaSignature? Vote, string Words);

    /// <summary>Whose certificates these are.</summary>
    public Committee Committee => committee;

    /// <summary>Asks for a certificate; returns as soon as a quorum has signed.</summary>
    /// <exception cref="ArgumentException">The request's own parts don't fit together.</exception>
    public async ValueTask<CommitteeAnswer> CertifyAsync(
        VoteRequest request, CancellationToken cancel)
    {
        if (VoteCase.Of(request, out string? fault, isOwn: true) is not { } asked)
            throw new ArgumentException(fault);
        Hash32 digest = asked.Certificate.Digest(committee);
        using var late = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        List<Task<Answered>> waiting =
        [
            .. committee.Signers.Select(one => AskAsync(one, request, digest, either.Token)),
        ];
        List<(EvmAddress, EcdsaSignature)> votes = [];
        var refusals = ImmutableArray.CreateBuilder<string>();
        while (waiting.Count > 0 && votes.Count < committee.Quorum)
        {
            Task<Answered> done = await Task.WhenAny(waiting).ConfigureAwait(false);
            waiting.Remove(done);
            Answered one = await done.ConfigureAwait(false);
            if (one.Vote is { } signed) votes.Add((one.Signer, signed));
            else refusals.Add(one.Words);
        }
        // Not CancelAsync: what is cancelled goes on here and now, on no thread of its own.
        either.Cancel();
        await Task.WhenAll(waiting).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        bool whole = ThresholdCertificate.TryAssemble(committee, votes, out byte[] proof);
        return new CommitteeAnswer(whole ? proof : null, refusals.ToImmutable());
    }

    /// <summary>Never throws: whatever a signer does is a refusal of that signer.</summary>
    private async Task<Answered> AskAsync(
        EvmAddress signer, VoteRequest request, Hash32 digest, CancellationToken cancel)
    {
        if (!signers.TryGetValue(signer, out AskSigner? ask))
            return new(signer, null, $"{signer}: nobody knows where it is");
        try
        {
            // Not all ways to ask heed the token.
            VoteAnswer? answer = await ask(request, cancel).AsTask().WaitAsync(cancel)
                .ConfigureAwait(false);
            if (answer is null) return new(signer, null, $"{signer}: no answer");
            if (answer.Signature is null)
                return new(signer, null, Plain($"{signer}: {answer.Reason}: {answer.Detail}"));
            bool holds = Hex.TryParse(answer.Signature, out byte[]? bytes)
                && EcdsaSignature.TryRead(bytes, out EcdsaSignature signature)
                && Secp256k1.TryRecover(digest, signature, out EvmAddress by) && by == signer;
            if (!holds)
                return new(
                    signer, null, $"{signer}: its signature is not its own, or of another vote");
            EcdsaSignature.TryRead(Hex.Parse(answer.Signature), out EcdsaSignature vote);
            return new(signer, vote, "");
        }
        catch (OperationCanceledException)
        {
            return new(signer, null, $"{signer}: no answer in {timeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException
            or FormatException or System.Text.Json.JsonException)
        {
            return new(signer, null, Plain($"{signer}: {e.Message}"));
        }
    }

    /// <summary>One line without control characters: the words are a stranger's.</summary>
    private static string Plain(string words)
    {
        string cut = words.Length <= MaxWords ? words : words[..MaxWords];
        return string.Create(cut.Length, cut, static (line, from) =>
        {
            for (int i = 0; i < line.Length; i++)
                line[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }
}
