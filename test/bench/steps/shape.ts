/** The same work for all three designs: 3 model and 2 tool steps, 4 KB of state, nothing to compute. */
export const STEPS = 5;
export const IN_FLIGHT = 64;
export const CONCURRENCY = 64;
/** Made of random letters, so that no compression helps anybody. */
export const STATE = Array.from({ length: 4_096 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join(
  '',
);
/** About what a step of Cota writes into its record. */
export const STEP_RESULT = STATE.slice(0, 300);
export const isModelStep = (step: number): boolean => step % 2 === 0;

export const ACTION_TURN = JSON.stringify({ thought: 'Next.', actions: [{ name: 'Nothing', arguments: {} }] });
export const LAST_TURN = JSON.stringify({
  thought: 'Done.',
  actions: [{ name: 'Terminate', arguments: { answer: 'done' } }],
});
