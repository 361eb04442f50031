/* settlement: two legs, four signers, a committee's certificate; ticks; I3, I4, I6 at the end.

   What is modelled is the protocol, not the code: chains with final blocks, halts and
   reorganisations; signers that vote once; a searcher that may stop at any moment; strangers that
   ask for ABORT and that claim and unwind. Each -D below takes one thing away that the guarantee
   rests on, and then an assertion has to fail:

   NOCERTIFICATE  a claim needs the secret only, which the searcher shows when it likes
   TSIGN=n        the last tick in which a signer certifies COMMIT; the model's own is T - ACT
   QUORUM=2       two of four decide: two quorums need not share an honest signer
   FAULTY=2       two signers sign whatever they are asked
   LONGHALT       a chain stands still for longer than O
   DEEPREORG      a chain takes back what was final
   SEARCHERONLY   nobody but the searcher may claim
   SWAPATCLAIM    the market decides at the claim whether the output is there
   CLAIMREORG     not taken away but added: each claim may be taken back once, and R counts */

#define LEGS 2
#define FINAL 2     /* ticks until a lock is final */
#define INCLUSION 1 /* S */
#define OUTAGE 2    /* O */
#define WINDOW 4
#define T 14
#define LAST 24

#ifdef CLAIMREORG
#define REORG FINAL /* R */
#else
#define REORG 0
#endif
#define ACT (2 * INCLUSION + OUTAGE + REORG)
#ifndef TSIGN
#define TSIGN (T - ACT)
#endif
#ifndef QUORUM
#define QUORUM 3
#endif
#ifndef FAULTY
#define FAULTY 1
#endif
#define HONEST (4 - FAULTY)
#ifdef LONGHALT
#define MOSTHALT 9
#else
#define MOSTHALT OUTAGE
#endif

mtype = { idle, locked, claimed, refunded };

mtype leg[LEGS] = idle;
byte since[LEGS];      /* the tick of the lock, then of the claim */
byte waited[LEGS];     /* ticks that a claim that could be made was not */
byte halt[LEGS];       /* ticks that the chain still stands */
bool halted[LEGS];     /* it stood still before: once a run */
bool taken[LEGS];      /* its claim was taken back before */
byte now, commits, aborts;
bool searcher = true;  /* still there */
bool secret;           /* shown to the signers, or to all */

#define isFinal(i) (leg[i] == locked && now >= since[i] + FINAL)
#define COMMIT (commits + FAULTY >= QUORUM && commits > 0)
#define ABORT (aborts + FAULTY >= QUORUM && aborts > 0)
#ifdef NOCERTIFICATE
#define mayClaim (secret)
#else
#define mayClaim (secret && COMMIT)
#endif
#ifdef SEARCHERONLY
#define claimant searcher
#else
#define claimant true
#endif
#define claimable(i) (leg[i] == locked && halt[i] == 0 && mayClaim && now < T && claimant)

inline searcherActs() {
  i = 0;
  do
  :: i < LEGS ->
     if
     :: leg[i] == idle && searcher && now < WINDOW && halt[i] == 0 && !taken[i] ->
        leg[i] = locked; since[i] = now
     :: skip
     fi;
     i++
  :: else -> break
  od;
#ifdef NOCERTIFICATE
  if :: searcher -> secret = true :: skip fi;
#else
  if :: searcher && isFinal(0) && isFinal(1) -> secret = true :: skip fi;
#endif
  if :: searcher -> searcher = false :: skip fi
}

/* Each honest signer votes once; a stranger may have asked for ABORT at any time. */
inline signersVote() {
  do
  :: commits + aborts < HONEST && secret && isFinal(0) && isFinal(1) && now <= TSIGN -> commits++
  :: commits + aborts < HONEST && now >= WINDOW -> aborts++
  :: break
  od
}

inline chainsSuffer() {
  i = 0;
  do
  :: i < LEGS ->
     if
     :: !halted[i] -> halted[i] = true; halt[i] = 1;
        do :: halt[i] < MOSTHALT -> halt[i]++ :: break od
     :: leg[i] == locked && now < since[i] + FINAL && halt[i] == 0 && now < WINDOW -> leg[i] = idle
#ifdef CLAIMREORG
     :: leg[i] == claimed && !taken[i] && now < since[i] + FINAL && halt[i] == 0 ->
        leg[i] = locked; taken[i] = true; waited[i] = 0; since[i] = 0
#endif
#ifdef DEEPREORG
     :: leg[i] == locked && COMMIT && halt[i] == 0 -> leg[i] = refunded
#endif
     :: skip
     fi;
     i++
  :: else -> break
  od
}

/* Whoever holds the certificate claims; it is included within S of what is open to it. */
inline claimsAndEnds() {
  i = 0;
  do
  :: i < LEGS ->
     if
     :: claimable(i) && waited[i] < INCLUSION -> waited[i]++
#ifdef SWAPATCLAIM
     :: claimable(i) -> if :: leg[i] = claimed; since[i] = now :: skip fi
#else
     :: claimable(i) -> leg[i] = claimed; since[i] = now
#endif
     :: !claimable(i) -> skip
#ifdef SEARCHERONLY
     :: claimable(i) -> skip
#endif
     fi;
     if
     :: leg[i] == locked && halt[i] == 0 && ABORT -> leg[i] = refunded
     :: leg[i] == locked && halt[i] == 0 && now >= T -> leg[i] = refunded
     :: !(leg[i] == locked && halt[i] == 0 && now >= T) -> skip
     fi;
     if :: halt[i] > 0 -> halt[i]-- :: else -> skip fi;
     i++
  :: else -> break
  od
}

active proctype world() {
  byte i;
  do
  :: now < LAST ->
     atomic {
       searcherActs();
       signersVote();
       chainsSuffer();
       claimsAndEnds();
       now++
     }
  :: else -> break
  od;
  assert(!(COMMIT && ABORT));                             /* I6 */
  assert(leg[0] != locked && leg[1] != locked);           /* I3 */
  assert(leg[0] != claimed || leg[1] == claimed);         /* I4 */
  assert(leg[1] != claimed || leg[0] == claimed)
}
