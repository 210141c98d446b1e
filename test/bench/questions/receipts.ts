/** What is asked of photographed receipts, beside their keys: a line of each, as its picture shows it. */

export interface ReceiptKeys {
  readonly company: string;
  readonly date: string;
  readonly total: string;
}

const LINES: Readonly<Record<string, readonly [item: string, price: string]>> = {
  '000': ['KF modelling clay', '9.00'],
  '001': ['table lamp', '55.90'],
  '002': ['BOPP tape', '3.88'],
  '003': ['elegant schtr bag', '80.91'],
  '004': ['handkerchief', '4.50'],
  '005': ['plastic', '31.00'],
  '006': ['engine oil', '17.00'],
  '007': ['crocs tubes', '20.00'],
  '008': ['Marksman pipe wrench', '50.00'],
  '019': ['V-Power 97', '86.00'],
  '020': ['braised pork', '14.00'],
  '029': ['air adaptor', '20.00'],
};
/** What is paid with, where it is enough. */
const PAID = 50;

/** @returns what is asked, in which words, and the answer */
export function askedOf(id: string, { company, date, total }: ReceiptKeys): (readonly [string, string, string])[] {
  const line = LINES[id];
  const change = PAID - Number(total);
  return [
    ['total', 'What is the total?', total],
    ...(change >= 0
      ? [['change', `How much change do I get if I pay with ${PAID}?`, String(Number(change.toFixed(2)))] as const]
      : []),
    ['date', 'What is the date of this receipt?', date],
    ['company', 'Which company is this receipt from?', company],
    ...(line ? [['line', `How much is the ${line[0]}?`, line[1]] as const] : []),
  ];
}
