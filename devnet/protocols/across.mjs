// across: the SpokePool at its real address; the one of Ethereum on every chain, owned by us.
import { ZeroAddress } from '../abi.mjs';
import { theirs } from '../artifacts.mjs';

const quoteTimeBufferSeconds = 3_600;
const fillDeadlineBufferSeconds = 21_600;

/** The pool behind its proxy; the builder owns it and may relay root bundles. */
export async function buildAcross(builder, address, weth) {
  const artifact = theirs('across', 'Ethereum_SpokePool');
  const logic = await builder.deploy(artifact,
    [weth, quoteTimeBufferSeconds, fillDeadlineBufferSeconds, ZeroAddress]);
  await builder.place(address, theirs('across', 'ERC1967Proxy'), [logic.address,
    artifact.abi.encodeFunctionData('initialize', [0, builder.from])]);
  return builder.at(address, artifact.abi);
}
