// CommitteeChecks: which signers of a committee answer, as whom, and whether they make a quorum.
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Settlement;
using Lockstep.Tools.Config;

namespace Lockstep.Tools.Health;

/// <summary>Asks each signer for what it has to refuse: a refusal is a sign of life.</summary>
/// <param name="committee">Signers, and where they listen.</param>
/// <param name="patience">How long each of them may take.</param>
/// <param name="tell">Gets each finding.</param>
internal sealed class CommitteeChecks(
    CommitteeSettings committee, TimeSpan patience, Action<Finding> tell)
{
    /// <summary>No leg, no bundle: malformed for every signer.</summary>
    private static readonly VoteRequest Nothing = new(
        default(Hash32).ToString(), Decision.Abort, []);

    /// <summary>Looks at all of them, in the committee's order.</summary>
    public async Task LookAsync()
    {
        int alive = 0;
        foreach (EvmAddress signer in committee.Committee.Signers)
            if (await AnswersAsync(signer, committee.Endpoints[signer])) alive++;
        int quorum = committee.Committee.Quorum;
        string place = $"{committee.Committee.Signers.Count} signers",
            words = $"{alive} answer, {quorum} make a certificate";
        tell(alive >= quorum ? Finding.Ok("committee", place, words)
            : new Finding("committee", place, FindingLevel.Fail, words,
                "bring signers back: without a certificate open bundles wait for T, and unwind"));
    }

    private async Task<bool> AnswersAsync(EvmAddress signer, SignerEndpoint at)
    {
        string words, wayOut = $"start the signer {signer} there";
        try
        {
            using CancellationTokenSource late = new(patience);
            VoteAnswer? answer = await at.AskAsync(Nothing, late.Token);
            if (answer is not null && string.Equals(
                answer.Signer, signer.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                tell(Finding.Ok("signer", at.Text, $"{signer} answers"));
                return true;
            }
            (words, wayOut) = answer is null ? ("closed without an answer", wayOut)
                : ($"answers as {answer.Signer}, the file says {signer}",
                    "give that signer its key, or put signers and endpoints of [committee] in "
                    + "one order: its votes count for nothing");
        }
        catch (OperationCanceledException)
        {
            words = string.Create(
                CultureInfo.InvariantCulture, $"no answer in {patience.TotalSeconds} s");
        }
        catch (JsonException)
        {
            (words, wayOut) = ("what it answers is no vote",
                "see what listens there, and put the signer's endpoint right");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            words = e.Message;
        }
        tell(new Finding("signer", at.Text, FindingLevel.Warn, words, wayOut));
        return false;
    }
}
