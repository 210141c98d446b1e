import { serveThread } from '../engines/serve-thread.ts';
import { calculateExpression } from './calculate-expression.ts';

serveThread((expression) => calculateExpression(String(expression)));
