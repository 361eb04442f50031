// SettlementOrder: a bundle to settle, before it has a secret, an id or anything on a chain.
using System.Collections.Immutable;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Settlement;
using Lockstep.Model;

namespace Lockstep.Execution.Running;

/// <summary>One leg of an order.</summary>
/// <param name="Chain">Where it is locked.</param>
/// <param name="Terms">Its terms; the hash lock is filled in.</param>
/// <param name="ActSeconds">act: how long a claim may take to be included and stay, at worst.
/// </param>
public sealed record OrderLeg(ChainId Chain, EscrowLeg Terms, long ActSeconds);

/// <summary>An order.</summary>
/// <param name="Plan">Its <c>plan</c> line, for the journal; the name is taken from it.</param>
/// <param name="Legs">Its legs, in order.</param>
/// <param name="LockBySeconds">When the lock window closes.</param>
/// <param name="KnownBySeconds">When every lock has to be final.</param>
public sealed record SettlementOrder(
    JsonElement Plan, ImmutableArray<OrderLeg> Legs, long LockBySeconds, long KnownBySeconds);

/// <summary>A bundle that somebody else locked, to be carried to its end: claims, unwindings and
/// settling in kind are open to all.</summary>
/// <param name="Order">The order, with the terms as they were locked, hash locks included.</param>
/// <param name="Decision">What the certificate says; <see cref="Settlement.Decision.None"/> where
/// there is none, to unwind what expires.</param>
/// <param name="Proof">The certificate.</param>
/// <param name="Secret">s; for COMMIT.</param>
public sealed record KeptBundle(
    SettlementOrder Order, Decision Decision, byte[]? Proof, byte[]? Secret);
