import { serveEngine } from '../engines/serve-engine.ts';
import { calculateExpression } from './calculate-expression.ts';

serveEngine((expression) => calculateExpression(String(expression)));
